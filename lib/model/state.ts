import { unreachable } from '../base/unreachable.ts';
import type { SkipKind, TaskFailure } from './failure.ts';
import type { StaleReason } from './stale-reason.ts';

/** Milliseconds of a monotonic clock. */
export type Millis = number;

/** Where one task stands in one run. Each state carries only the data that exists in it. */
export type TaskState =
  | { readonly kind: 'wanted' }
  | { readonly kind: 'running'; readonly since: Millis; readonly reasons: readonly StaleReason[] }
  | EndState;

/** The states that a task does not leave in its run. */
export type EndState =
  | { readonly kind: 'succeeded'; readonly tookMs: number }
  | {
      readonly kind: 'skipped';
      readonly tookMs: number;
      readonly why: SkipKind;
      readonly reason?: string;
    }
  | {
      readonly kind: 'up-to-date';
      /** Why it would have run, if its outputs were put back as it had made them before. */
      readonly restored?: readonly StaleReason[];
    }
  | { readonly kind: 'failed'; readonly tookMs: number; readonly failure: TaskFailure }
  /** `cause` is the task at the root of it, however many deps lie between. */
  | { readonly kind: 'dependency-failed'; readonly cause: string }
  | { readonly kind: 'cancelled' };

/** What can happen to one task. */
export type TaskEvent =
  | { readonly kind: 'started'; readonly at: Millis; readonly reasons: readonly StaleReason[] }
  | { readonly kind: 'found-up-to-date'; readonly restored?: readonly StaleReason[] }
  | { readonly kind: 'succeeded'; readonly at: Millis }
  | {
      readonly kind: 'skipped';
      readonly at: Millis;
      readonly why: SkipKind;
      readonly reason?: string;
    }
  | { readonly kind: 'failed'; readonly at: Millis; readonly failure: TaskFailure }
  | { readonly kind: 'dependency-failed'; readonly cause: string }
  | { readonly kind: 'cancelled' };

/** The one way in which a task changes its state. Throws on a transition that cannot be. */
export function advance(state: TaskState, event: TaskEvent): TaskState {
  switch (event.kind) {
    case 'started':
      assertKind(state, 'wanted', event);
      return { kind: 'running', since: event.at, reasons: event.reasons };
    case 'found-up-to-date':
      assertKind(state, 'wanted', event);
      return {
        kind: 'up-to-date',
        ...(event.restored !== undefined && { restored: event.restored }),
      };
    case 'succeeded':
      assertKind(state, 'running', event);
      return { kind: 'succeeded', tookMs: event.at - state.since };
    case 'skipped': {
      assertKind(state, 'running', event);
      const { at, ...rest } = event;
      return { ...rest, tookMs: at - state.since };
    }
    case 'failed':
      assertKind(state, 'running', event);
      return { kind: 'failed', tookMs: event.at - state.since, failure: event.failure };
    case 'dependency-failed':
      assertKind(state, 'wanted', event);
      return { kind: 'dependency-failed', cause: event.cause };
    case 'cancelled':
      if (hasEnded(state)) throw impossible(state, event);
      return { kind: 'cancelled' };
    default:
      return unreachable(event);
  }
}

/** Whether the task will not change any more in this run. */
export function hasEnded(state: TaskState): state is EndState {
  return state.kind !== 'wanted' && state.kind !== 'running';
}

/** Whether dependants may go on. */
export function hasSucceeded(state: TaskState): boolean {
  return state.kind === 'succeeded' || state.kind === 'up-to-date' || state.kind === 'skipped';
}

/** Whether a task has succeeded; undefined while it has not ended, or if it is not there. */
export function successOf(state: TaskState | undefined): boolean | undefined {
  return state !== undefined && hasEnded(state) ? hasSucceeded(state) : undefined;
}

function assertKind<K extends TaskState['kind']>(
  state: TaskState,
  kind: K,
  event: TaskEvent,
): asserts state is Extract<TaskState, { kind: K }> {
  if (state.kind !== kind) throw impossible(state, event);
}

function impossible(state: TaskState, event: TaskEvent): Error {
  return new Error(`Internal error: '${event.kind}' cannot happen to a task that is ${state.kind}`);
}
