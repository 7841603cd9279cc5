import { styleText } from 'node:util';
import { unreachable } from '../base/unreachable.ts';
import { placeText } from '../model/place.ts';
import type {
  Forecast,
  ForecastCounts,
  Reporter,
  RunCounts,
  RunEvent,
} from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { EndState } from '../model/state.ts';
import { durationText } from './duration-text.ts';
import { failureText } from './failure-text.ts';
import { type OutputTail, tailText, withOutput } from './output-tail.ts';
import { reasonsText, reasonText } from './reason-text.ts';
import { safeName, safeText } from './terminal-safe.ts';
import { watchText } from './watch-text.ts';

/** Where lines go and how they look. */
export interface PlainOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** What comes before the name of a task in the command that runs it; undefined if nothing does. */
  readonly command: string | undefined;
  /** Now, as `HH:MM:SS`. */
  readonly timeOfDay: () => string;
  /** Whether all reasons are told, and which tasks are up to date. Default: false. */
  readonly explain?: boolean;
}

type Started = Extract<RunEvent, { event: 'task-started' }>;
type Foreseen = Extract<RunEvent, { event: 'task-foreseen' }>;
type Retried = Extract<RunEvent, { event: 'task-retried' }>;
type Ended = Extract<RunEvent, { event: 'task-ended' }>;
type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/**
 * Lines for people: one per start and end, what a task wrote when it ends, a summary per run. Tasks
 * that only group others have no lines unless they could not run, and those that are up to date are
 * only counted. Whatever an event leads to is written at once, in one piece.
 */
export function plainReporter(options: PlainOptions): Reporter {
  const { explain = false } = options;
  const tails = new Map<string, OutputTail>();
  const paint: Paint = (style, text) =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const line = (text: string): string => `[${paint('gray', options.timeOfDay())}] ${text}\n`;
  const block = (bar: string, text: string): string => {
    const lines = withoutLastLineEnds(safeText(text, options.color));
    return lines === '' ? '' : lines.replace(/^/gm, `  ${bar} `).concat('\n');
  };

  /** In an explanation every reason after the first has a line of its own. */
  const others = (reasons: readonly StaleReason[]): string =>
    explain
      ? reasons
          .slice(1)
          .map((reason) => `    ${safeName(reasonText(reason))}\n`)
          .join('')
      : '';

  function endLines(event: Ended): string {
    const key = `${event.run} ${event.task}`;
    const tail = tails.get(key);
    tails.delete(key);
    const head = endText(event, paint) ?? (explain ? quietText(event, paint) : undefined);
    if (head === undefined) return '';
    const output = tail === undefined ? '' : block(paint('gray', '│'), tailText(tail));
    const { state } = event;
    if (state.kind !== 'failed' || state.failure.reason === 'missing') return line(head) + output;
    return (
      line(head) + output + block(paint('red', '┃'), explanation(event, state, options.command))
    );
  }

  function linesOf(event: RunEvent): string {
    switch (event.event) {
      case 'task-started':
        return event.isGroup ? '' : line(startText(event, paint, explain)) + others(event.reasons);
      case 'task-retried':
        return (
          line(retryText(event, paint)) + block(paint('yellow', '┃'), failureText(event.failure))
        );
      case 'output': {
        const key = `${event.run} ${event.task}`;
        tails.set(key, withOutput(tails.get(key), event.stream, event.text));
        return '';
      }
      case 'task-ended':
        return endLines(event);
      case 'run-ended': {
        const text = summaryText(event.counts, event.tookMs);
        return text === undefined ? '' : line(paint(summaryStyle(event.counts), text));
      }
      case 'task-foreseen':
        if (event.forecast === 'up-to-date' && !explain) return '';
        if (event.isGroup && !event.isNative && !explain) return '';
        return line(foreseenText(event, paint, explain)) + others(event.reasons);
      case 'dry-run-ended':
        return line(forecastText(event.counts));
      case 'warning':
        return line(`${paint('yellow', '!')} ${safeName(event.text)}`);
      case 'watch-started':
      case 'files-changed':
      case 'task-outdated':
      case 'build-files-changed':
      case 'build-broken':
      case 'keys-asked':
      case 'watch-settled': {
        if (event.event === 'task-outdated') tails.delete(`${event.run} ${event.task}`);
        const text = watchText(event);
        return text === undefined ? '' : line(`${paint('cyan', '◦')} ${text}`);
      }
      case 'run-started':
      case 'task-wanted':
        return '';
      default:
        return unreachable(event);
    }
  }

  return (event) => {
    const text = linesOf(event);
    if (text !== '') options.write(text);
  };
}

function startText({ task, reasons }: Started, paint: Paint, explain: boolean): string {
  const why = safeName(whyText(reasons, explain));
  const head = `${paint('cyan', '▶')} ${safeName(task)}`;
  return why === '' ? head : `${head}  ${paint('gray', why)}`;
}

/** One line of its own for each reason leaves the first for this one. */
function whyText(reasons: readonly StaleReason[], explain: boolean): string {
  return reasonsText(explain ? reasons.slice(0, 1) : reasons);
}

/** What is told of tasks without a line of their own where everything is explained. */
function quietText({ task, state, isGroup }: Ended, paint: Paint): string | undefined {
  const name = safeName(task);
  if (state.kind === 'up-to-date')
    return `${paint('gray', '=')} ${name}  ${paint('gray', 'up to date')}`;
  if (!isGroup || state.kind !== 'succeeded') return undefined;
  return `${paint('gray', '·')} ${name}  ${paint('gray', 'only groups others, some of which ran')}`;
}

function foreseenText(event: Foreseen, paint: Paint, explain: boolean): string {
  const name = safeName(event.task);
  const { forecast, isGroup, isNative, reasons, after } = event;
  if (forecast === 'up-to-date')
    return `${paint('gray', '=')} ${name}  ${paint('gray', 'up to date')}`;
  const [mark, verb] = foreseenMark(forecast, paint);
  if (isNative) return `${mark} ${name}  would run: a task of gulp's own`;
  const hangsOn = safeName(listText(after));
  if (isGroup)
    return `${paint('gray', '·')} ${name}  ${paint('gray', `only groups others; ${verb}: ${hangsOn}`)}`;
  const why =
    forecast === 'may-run'
      ? `if ${hangsOn} comes to something else`
      : safeName(whyText(reasons, explain));
  return `${mark} ${name}  ${paint('gray', `${verb}: ${why}`)}`;
}

function foreseenMark(forecast: Forecast, paint: Paint): readonly [mark: string, verb: string] {
  if (forecast === 'would-run') return [paint('cyan', '▷'), 'would run'];
  if (forecast === 'would-restore') return [paint('green', '↺'), 'would be restored'];
  return [paint('yellow', '?'), 'may run'];
}

function listText(names: readonly string[]): string {
  const rest = names.length - 3;
  const shown = names.slice(0, 3).join(', ');
  if (shown === '') return 'what it needs';
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function forecastText({ wouldRun, wouldRestore, mayRun, upToDate }: ForecastCounts): string {
  const restored = wouldRestore > 0 ? `${wouldRestore} would be restored, ` : '';
  return `Dry run: ${wouldRun} would run, ${restored}${mayRun} may run, ${upToDate} up to date; nothing was done`;
}

function retryText({ task, attempt, delayMs }: Retried, paint: Paint): string {
  const when = delayMs > 0 ? `again in ${durationText(delayMs)}` : 'again at once';
  return `${paint('yellow', '↻')} ${safeName(task)}  attempt ${attempt} failed, ${when}`;
}

function endText({ task, state, isGroup }: Ended, paint: Paint): string | undefined {
  const name = safeName(task);
  if (state.kind === 'dependency-failed') {
    return `${paint('red', '⊘')} ${name}  not run: ${safeName(state.cause)} failed`;
  }
  if (state.kind === 'failed' && state.failure.reason === 'missing') {
    return `${paint('red', '✖')} ${name}  there is no such task`;
  }
  // A task of gulp's own counts as a group: gulp itself prints how it ended.
  if (isGroup) return undefined;
  switch (state.kind) {
    case 'succeeded':
      return `${paint('green', '✔')} ${name}  ${paint('gray', durationText(state.tookMs))}`;
    case 'skipped': {
      const why = state.why === 'no-change' ? 'no change' : 'skipped';
      const text = state.reason === undefined ? why : `${why}: ${safeName(state.reason)}`;
      return `${paint('yellow', '↷')} ${name}  ${paint('gray', text)}`;
    }
    case 'failed':
      return `${paint('red', '✖')} ${name}  failed after ${durationText(state.tookMs)}`;
    case 'cancelled':
      return `${paint('yellow', '⊘')} ${name}  cancelled`;
    case 'up-to-date':
      return (
        state.restored &&
        `${paint('green', '↺')} ${name}  ${paint('gray', `restored: ${safeName(reasonsText(state.restored))}`)}`
      );
    default:
      return unreachable(state);
  }
}

/** `12 ran, 30 up to date, 0 failed in 4.2 s`; undefined if there was nothing to do at all. */
function summaryText(counts: RunCounts, tookMs: number): string | undefined {
  const { ran, upToDate, skipped, failed, dependencyFailed, cancelled } = counts;
  if (ran + upToDate + skipped + failed + dependencyFailed + cancelled === 0) return undefined;
  const parts = [`${ran} ran`, `${upToDate} up to date`, `${failed} failed`];
  if (skipped > 0) parts.splice(2, 0, `${skipped} skipped`);
  if (dependencyFailed > 0) parts.push(`${dependencyFailed} not run because of failures`);
  if (cancelled > 0) parts.push(`${cancelled} cancelled`);
  return `${parts.join(', ')} in ${durationText(tookMs)}`;
}

function summaryStyle({ failed, dependencyFailed, cancelled }: RunCounts): Style {
  if (failed + dependencyFailed > 0) return 'red';
  return cancelled > 0 ? 'yellow' : 'green';
}

function explanation(
  event: Ended,
  state: Extract<EndState, { kind: 'failed' }>,
  command: string | undefined,
): string {
  const lines = [failureText(state.failure)];
  if (event.place !== undefined) lines.push(`defined at ${safeName(placeText(event.place))}`);
  if (command !== undefined) {
    lines.push(`run it again: ${command} ${shellWord(safeName(event.task))}`);
  }
  return lines.join('\n');
}

function shellWord(word: string): string {
  return /^[\w:./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** By hand, since the pattern for it takes quadratic time in the number of empty lines. */
function withoutLastLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}
