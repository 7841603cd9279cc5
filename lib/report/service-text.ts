import type { ServiceEvent } from '../model/service-event.ts';
import { durationText } from './duration-text.ts';
import { failureText } from './failure-text.ts';
import { block, type Look } from './look.ts';
import { safeName } from './terminal-safe.ts';

type Output = Extract<ServiceEvent, { event: 'service-output' }>;
type Ended = Extract<ServiceEvent, { event: 'service-ended' }>;

/** Of a line that does not end so much is kept, in characters. */
const longestLine = 16 * 1024;

/** What services write once they are ready, for people: as it comes, in whole lines of each stream. */
export class ServiceLines {
  readonly #look: Look;
  readonly #rests = new Map<string, string>();

  constructor(look: Look) {
    this.#look = look;
  }

  /** The lines that have ended. */
  take({ task, stream, text }: Output): string {
    const key = `${stream} ${task}`;
    const all = (this.#rests.get(key) ?? '') + text;
    const isTooLong = all.length - all.lastIndexOf('\n') > longestLine;
    const end = isTooLong ? all.length : all.lastIndexOf('\n') + 1;
    this.#rests.set(key, all.slice(end));
    return this.#shown(task, all.slice(0, end));
  }

  /** What became of a service, after what it has left without an end of the line. */
  end(event: Ended, line: (text: string) => string): string {
    const { task, how, failure, tookMs } = event;
    const { paint } = this.#look;
    const name = safeName(task);
    const rest = ['stdout', 'stderr']
      .map((stream) => this.#rest(`${stream} ${task}`, task))
      .join('');
    if (how === 'stopped') return `${rest}${line(`${paint('gray', '■')} ${name}  stopped`)}`;
    const what = failure === undefined ? 'ended by itself' : 'died';
    const head = `${paint('red', '✖')} ${name}  ${what} ${durationText(tookMs)} after it was ready`;
    const why = failure === undefined ? '' : block(this.#look, 'red', failureText(failure));
    return rest + line(head) + why;
  }

  #rest(key: string, task: string): string {
    const text = this.#rests.get(key) ?? '';
    this.#rests.delete(key);
    return this.#shown(task, text);
  }

  #shown(task: string, text: string): string {
    const lines = block(this.#look, 'gray', text, '│');
    return lines.replace(/^ {2}/gm, `  ${safeName(task)} `);
  }
}
