import { unreachable } from '../base/unreachable.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { WatchEvent } from '../model/watch-event.ts';
import { failureBlock } from './failure-block.ts';
import { failureText } from './failure-text.ts';
import { forecastText, foreseenText } from './forecast-text.ts';
import { HeldDependants } from './held-dependants.ts';
import { logBlocks } from './log-block.ts';
import { block, type Look } from './look.ts';
import { reasonText, whyText } from './reason-text.ts';
import { ServiceLines } from './service-text.ts';
import { summaryStyle, summaryText, timedLine } from './summary-line.ts';
import { endText, quietText, retryText, startText } from './task-lines.ts';
import type { TaskLog, TaskLogs } from './task-logs.ts';
import { safeName } from './terminal-safe.ts';
import { watchText } from './watch-text.ts';

/** Where lines go and how they look. */
export interface PlainOptions {
  readonly write: (text: string) => void;
  readonly look: Look;
  /** Has been given each event before. */
  readonly logs: TaskLogs;
  /** What comes before the name of a task in the command that runs it; undefined if nothing does. */
  readonly command: string | undefined;
  /** Now, as `HH:MM:SS`. */
  readonly timeOfDay: () => string;
  /** Whether all output is shown, also the last of tasks that are up to date. Default: false. */
  readonly showsLogs?: boolean;
  /** Whether all output of a failed task is shown. Default: false. */
  readonly showsFullLogOnFailure?: boolean;
  /** Whether what runs is shown elsewhere, so that only ends have a line. Default: false. */
  readonly isLive?: boolean;
  /** Whether all reasons are told, and which tasks are up to date. Default: false. */
  readonly explain?: boolean;
}

type Ended = Extract<RunEvent, { event: 'task-ended' }>;
type Args = Readonly<Record<string, string>>;

/**
 * Lines for people: one per start and end, what matters of what a task wrote when it ends, a summary
 * per run. Tasks that only group others have no lines unless they could not run, and those that are
 * up to date are only counted. Whatever an event leads to is written at once, in one piece unless
 * it is a whole log.
 */
export function plainReporter(options: PlainOptions): Reporter {
  const {
    write,
    look,
    logs,
    command,
    showsLogs = false,
    isLive = false,
    explain = false,
  } = options;
  const { paint } = look;
  const args = new Map<string, Args>();
  const held = new HeldDependants();
  const services = new ServiceLines(look);
  const failed = new Map<number, string[]>();
  /** Of tasks that run, where these have no line until they end. */
  const reasons = new Map<string, readonly StaleReason[]>();
  const line = (text: string): string =>
    timedLine(text, isLive ? undefined : options.timeOfDay(), paint);

  /** In an explanation every reason after the first has a line of its own. */
  const others = (all: readonly StaleReason[]): string =>
    explain
      ? all
          .slice(1)
          .map((reason) => `    ${safeName(reasonText(reason))}\n`)
          .join('')
      : '';

  function* endPieces(event: Ended): Iterable<string> {
    const { state, task } = event;
    const log = logs.of(event);
    const isQuiet = state.kind === 'up-to-date' && state.restored === undefined;
    const last = isQuiet && showsLogs && !event.isGroup ? logs.lastOf(task) : undefined;
    if (last !== undefined && last.lineCount > 0) {
      yield line(
        `${paint('gray', '=')} ${safeName(task)}  ${paint('gray', 'up to date; it wrote')}`,
      );
      yield* logBlocks(last, { isFull: true, hasFailed: false }, look);
      return;
    }
    const name =
      isLive && log?.path !== undefined ? look.link(safeName(task), log.path) : safeName(task);
    const head = endText(event, name, paint) ?? (explain ? quietText(event, paint) : undefined);
    if (head === undefined) return;
    const { why, more } = takeReasons(task, state.kind);
    const hasFailed = state.kind === 'failed';
    const isFull = showsLogs || (hasFailed && options.showsFullLogOnFailure === true);
    let text = line(why === undefined ? head : `${head}  ${paint('gray', why)}`);
    text += more;
    for (const piece of log === undefined ? [] : logBlocks(log, { isFull, hasFailed }, look)) {
      text += piece;
      if (text.length < longestPiece) continue;
      yield text;
      text = '';
    }
    yield hasFailed ? text + explanation(event, log) : text;
  }

  function takeReasons(task: string, state: string): { why: string | undefined; more: string } {
    const all = reasons.get(task);
    reasons.delete(task);
    if (all === undefined || state === 'cancelled') return { why: undefined, more: '' };
    return { why: safeName(whyText(all, explain)), more: others(all) };
  }

  function explanation(event: Ended, log: TaskLog | undefined): string {
    const { state, task, run } = event;
    if (state.kind !== 'failed' || state.failure.reason === 'missing') return '';
    const why = failureText(state.failure).split('\n', 1)[0] ?? '';
    failed.set(run, [...(failed.get(run) ?? []), `${safeName(task)}: ${why}`]);
    const logPath = log === undefined || log.lineCount === 0 ? undefined : log.path;
    return failureBlock({ event, state, args: args.get(task), logPath, command }, look);
  }

  function* piecesOf(event: RunEvent): Iterable<string> {
    switch (event.event) {
      case 'run-started':
      case 'task-taken-up':
      case 'output':
        break;
      case 'task-wanted':
        if (event.args !== undefined) args.set(event.task, event.args);
        break;
      case 'task-started':
        if (event.isGroup) break;
        if (!isLive) yield line(startText(event, paint, explain)) + others(event.reasons);
        else if (event.reasons.length > 0) {
          reasons.set(event.task, event.reasons);
        }
        break;
      case 'task-retried':
        yield line(retryText(event, paint)) + block(look, 'yellow', failureText(event.failure));
        break;
      case 'task-ended':
        if (event.state.kind === 'dependency-failed') hold(event.task, event.state.cause);
        else yield* endPieces(event);
        break;
      case 'run-ended':
        yield summary(event);
        break;
      case 'task-foreseen':
        if (event.forecast === 'up-to-date' && !explain) break;
        if (event.isGroup && !event.isNative && !explain) break;
        yield line(foreseenText(event, paint, explain)) + others(event.reasons);
        break;
      case 'dry-run-ended':
        yield line(forecastText(event.counts));
        break;
      case 'service-output':
        yield services.take(event);
        break;
      case 'service-ended':
        yield services.end(event, line);
        break;
      case 'warning':
        yield line(`${paint('yellow', '!')} ${safeName(event.text)}`);
        break;
      case 'watch-started':
      case 'files-changed':
      case 'task-outdated':
      case 'build-files-changed':
      case 'build-broken':
      case 'watch-settled':
      case 'keys-asked':
        yield watchLine(event);
        break;
      default:
        unreachable(event);
    }
  }

  function watchLine(event: WatchEvent): string {
    if (event.event === 'task-outdated') reasons.delete(event.task);
    const text = watchText(event);
    return text === undefined ? '' : line(`${paint('cyan', '◦')} ${text}`);
  }

  function summary({ run, counts, tookMs }: Extract<RunEvent, { event: 'run-ended' }>): string {
    const causes = failed.get(run) ?? [];
    failed.delete(run);
    const list =
      causes.length < 2
        ? ''
        : line(paint('red', 'What failed:')) + block(look, 'red', causes.join('\n'));
    const text = summaryText(counts, tookMs);
    return text === undefined ? '' : list + line(paint(summaryStyle(counts), text));
  }

  /** What has one cause is told in the same turn. */
  function hold(task: string, cause: string): void {
    if (held.isEmpty) queueMicrotask(release);
    held.add(task, cause);
  }

  function release(): void {
    for (const text of held.take()) write(line(`${paint('red', '⊘')} ${text}`));
  }

  const isSilent = (event: RunEvent): boolean =>
    event.event === 'task-ended' &&
    event.state.kind === 'up-to-date' &&
    event.state.restored === undefined &&
    !(explain || showsLogs || reasons.has(event.task));

  return (event) => {
    if (isSilent(event)) {
      release();
      return;
    }
    const isHeld = event.event === 'task-ended' && event.state.kind === 'dependency-failed';
    if (!isHeld) release();
    for (const text of piecesOf(event)) if (text !== '') write(text);
  };
}

/** A piece of text that is longer is written before there is more. */
const longestPiece = 256 * 1024;
