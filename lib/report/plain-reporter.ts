import { styleText } from 'node:util';
import { unreachable } from '../base/unreachable.ts';
import { placeText } from '../model/place.ts';
import type { Reporter, RunCounts, RunEvent } from '../model/run-event.ts';
import type { EndState } from '../model/state.ts';
import { durationText } from './duration-text.ts';
import { failureText } from './failure-text.ts';
import { reasonsText } from './reason-text.ts';
import { safeName, safeText } from './terminal-safe.ts';

/** Where lines go and how they look. */
export interface PlainOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Now, as `HH:MM:SS`. */
  readonly timeOfDay: () => string;
}

type Ended = Extract<RunEvent, { event: 'task-ended' }>;
type Style = Parameters<typeof styleText>[0];

/** How much of a task's output is kept until it ends, in characters; the end counts. */
const keptOutput = 256 * 1024;

/** Lines for people: one per start and end, what a task wrote when it ends, a summary per run. */
export function plainReporter(options: PlainOptions): Reporter {
  const outputs = new Map<string, string>();
  const paint = (style: Style, text: string): string =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const line = (text: string): void => {
    options.write(`[${paint('gray', options.timeOfDay())}] ${text}\n`);
  };
  const block = (text: string): void => {
    const bar = paint('gray', '│');
    const lines = safeText(text, options.color).replace(/\n+$/, '').split('\n');
    options.write(lines.map((each) => `  ${bar} ${each}\n`).join(''));
  };

  function end(event: Ended): void {
    const { state, isGroup } = event;
    const key = `${event.run} ${event.task}`;
    const output = outputs.get(key) ?? '';
    outputs.delete(key);
    const text = endText(safeName(event.task), state, isGroup, paint);
    if (text === undefined) return;
    line(text);
    if (output !== '') block(output);
    if (state.kind === 'failed') block(explanation(event, state));
  }

  return (event) => {
    switch (event.event) {
      case 'task-started': {
        const why = reasonsText(event.reasons);
        if (why === '') return;
        line(`${paint('cyan', '▶')} ${safeName(event.task)}  ${paint('gray', safeName(why))}`);
        return;
      }
      case 'output': {
        const key = `${event.run} ${event.task}`;
        outputs.set(key, tail((outputs.get(key) ?? '') + event.text));
        return;
      }
      case 'task-ended':
        end(event);
        return;
      case 'run-ended': {
        const text = summaryText(event.counts, event.tookMs);
        if (text !== undefined) line(paint(event.counts.failed > 0 ? 'red' : 'green', text));
        return;
      }
      case 'warning':
        line(`${paint('yellow', '!')} ${safeName(event.text)}`);
        return;
      case 'run-started':
      case 'task-wanted':
        return;
      default:
        unreachable(event);
    }
  };
}

/** `12 ran, 30 up to date, 0 failed in 4.2 s`; undefined if there was nothing to do at all. */
export function summaryText(counts: RunCounts, tookMs: number): string | undefined {
  const { ran, upToDate, failed, dependencyFailed, cancelled } = counts;
  if (ran + upToDate + failed + dependencyFailed + cancelled === 0) return undefined;
  const parts = [`${ran} ran`, `${upToDate} up to date`, `${failed} failed`];
  if (dependencyFailed > 0) parts.push(`${dependencyFailed} not run because of failures`);
  if (cancelled > 0) parts.push(`${cancelled} cancelled`);
  return `${parts.join(', ')} in ${durationText(tookMs)}`;
}

function endText(
  task: string,
  state: EndState,
  isGroup: boolean,
  paint: (style: Style, text: string) => string,
): string | undefined {
  switch (state.kind) {
    case 'succeeded':
      if (isGroup) return undefined;
      return `${paint('green', '✔')} ${task}  ${paint('gray', durationText(state.tookMs))}`;
    case 'failed':
      if (isGroup) return undefined;
      return `${paint('red', '✖')} ${task}  failed after ${durationText(state.tookMs)}`;
    case 'dependency-failed':
      return `${paint('red', '⊘')} ${task}  not run: ${safeName(state.cause)} failed`;
    case 'cancelled':
      return isGroup ? undefined : `${paint('yellow', '⊘')} ${task}  cancelled`;
    case 'up-to-date':
      return undefined;
    default:
      return unreachable(state);
  }
}

function explanation(event: Ended, state: Extract<EndState, { kind: 'failed' }>): string {
  const lines = [failureText(state.failure)];
  if (event.place !== undefined) lines.push(`defined at ${placeText(event.place)}`);
  lines.push(`run it again: gulp ${shellWord(safeName(event.task))}`);
  return lines.join('\n');
}

function shellWord(word: string): string {
  return /^[\w:./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function tail(text: string): string {
  if (text.length <= keptOutput) return text;
  const cut = text.length - keptOutput;
  return `(${cut} characters before this are left out)\n${text.slice(cut)}`;
}
