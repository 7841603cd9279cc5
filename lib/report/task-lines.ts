import { unreachable } from '../base/unreachable.ts';
import type { RunEvent } from '../model/run-event.ts';
import { durationText } from './duration-text.ts';
import type { Look } from './look.ts';
import { reasonsText, whyText } from './reason-text.ts';
import { safeName } from './terminal-safe.ts';

type Started = Extract<RunEvent, { event: 'task-started' }>;
type Retried = Extract<RunEvent, { event: 'task-retried' }>;
type Ended = Extract<RunEvent, { event: 'task-ended' }>;
type Paint = Look['paint'];

/** A task has started, and why. */
export function startText({ task, reasons }: Started, paint: Paint, explain: boolean): string {
  const why = safeName(whyText(reasons, explain));
  const head = `${paint('cyan', '▶')} ${safeName(task)}`;
  return why === '' ? head : `${head}  ${paint('gray', why)}`;
}

/** What is told of tasks without a line of their own where everything is explained. */
export function quietText({ task, state, isGroup }: Ended, paint: Paint): string | undefined {
  const name = safeName(task);
  if (state.kind === 'up-to-date')
    return `${paint('gray', '=')} ${name}  ${paint('gray', 'up to date')}`;
  if (!isGroup || state.kind !== 'succeeded') return undefined;
  return `${paint('gray', '·')} ${name}  ${paint('gray', 'only groups others, some of which ran')}`;
}

/** An attempt of a task has failed, and there is another one. */
export function retryText({ task, attempt, delayMs }: Retried, paint: Paint): string {
  const when = delayMs > 0 ? `again in ${durationText(delayMs)}` : 'again at once';
  return `${paint('yellow', '↻')} ${safeName(task)}  attempt ${attempt} failed, ${when}`;
}

/** How a task ended; `name` may be a link. Undefined for what has no line of its own. */
export function endText(
  { state, isGroup, isService }: Ended,
  name: string,
  paint: Paint,
): string | undefined {
  if (state.kind === 'failed' && state.failure.reason === 'missing') {
    return `${paint('red', '✖')} ${name}  there is no such task`;
  }
  // A task of gulp's own counts as a group: gulp itself prints how it ended.
  if (isGroup) return undefined;
  switch (state.kind) {
    case 'succeeded': {
      const after = isService === true ? 'ready after ' : '';
      return `${paint('green', '✔')} ${name}  ${paint('gray', after + durationText(state.tookMs))}`;
    }
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
    case 'dependency-failed':
      return undefined;
    default:
      return unreachable(state);
  }
}
