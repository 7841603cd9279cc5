import type { ServiceEvent } from '../model/service-event.ts';
import { durationText } from './duration-text.ts';
import { safeName } from './terminal-safe.ts';

type Output = Extract<ServiceEvent, { event: 'service-output' }>;
type Ended = Extract<ServiceEvent, { event: 'service-ended' }>;

/** Of a line that does not end so much is kept, in characters. */
const longestLine = 16 * 1024;

/** Makes whole lines of what services write, each stream by itself. */
export class ServiceLines {
  readonly #rests = new Map<string, string>();

  /** The lines that have ended. */
  take({ task, stream, text }: Output): string[] {
    const key = `${stream} ${task}`;
    const lines = ((this.#rests.get(key) ?? '') + text).split('\n');
    const rest = lines.pop() ?? '';
    if (rest.length > longestLine) lines.push(rest);
    this.#rests.set(key, rest.length > longestLine ? '' : rest);
    return lines.map((each) => each.replace(/\r$/, ''));
  }

  /** What was left without an end of the line. */
  end(task: string): string[] {
    return ['stdout', 'stderr'].flatMap((stream) => {
      const key = `${stream} ${task}`;
      const rest = this.#rests.get(key) ?? '';
      this.#rests.delete(key);
      return rest === '' ? [] : [rest];
    });
  }
}

/** How a service ended, in a line. */
export function serviceEndText({ task, how, failure, tookMs }: Ended): string {
  const name = safeName(task);
  if (how === 'stopped') return `${name}  stopped`;
  const what = failure === undefined ? 'ended by itself' : 'died';
  return `${name}  ${what} ${durationText(tookMs)} after it was ready`;
}
