import type { TaskFailure } from './failure.ts';
import type { LogIgnore } from './log-rule.ts';
import type { Place } from './place.ts';
import type { ServiceEvent } from './service-event.ts';
import type { StaleReason } from './stale-reason.ts';
import type { EndState, Millis } from './state.ts';
import type { WatchEvent } from './watch-event.ts';

/** How many tasks with an action of their own ended in which way. */
export interface RunCounts {
  readonly ran: number;
  readonly upToDate: number;
  /** Said themselves that there was nothing to do, or that nothing has changed. */
  readonly skipped: number;
  readonly failed: number;
  /** Did not run because a dep failed. */
  readonly dependencyFailed: number;
  readonly cancelled: number;
}

/** A piece of what a task wrote: whole or part lines, as they came. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/**
 * What a run would do with a task. `would-restore`: put its outputs back as it made them before.
 * `may-run`: that hangs on what others come to.
 */
export type Forecast = 'would-run' | 'would-restore' | 'may-run' | 'up-to-date';

/** How many tasks with an action of their own a run would execute. */
export interface ForecastCounts {
  readonly wouldRun: number;
  readonly wouldRestore: number;
  readonly mayRun: number;
  readonly upToDate: number;
}

/**
 * What happens in a run, in the past tense and in order: all that reporters know. `at` is in
 * milliseconds of a monotonic clock.
 */
export type RunEvent =
  | WatchEvent
  | ServiceEvent
  | { readonly event: 'run-started'; readonly at: Millis; readonly run: number }
  | {
      readonly event: 'task-wanted';
      readonly at: Millis;
      readonly run: number;
      readonly task: string;
      /** Without an action a task only groups its deps. */
      readonly isGroup: boolean;
      readonly deps: readonly string[];
      /** The values of the placeholders as they stand in the name, if it has any. */
      readonly args?: Readonly<Record<string, string>>;
      /** Lines of its output that are not shown, if any. */
      readonly logIgnore?: readonly LogIgnore[];
      /** How long it took the last times, in milliseconds, if that is known. */
      readonly estimateMs?: number;
    }
  | {
      readonly event: 'task-started';
      readonly at: Millis;
      readonly run: number;
      readonly task: string;
      readonly isGroup: boolean;
      readonly reasons: readonly StaleReason[];
    }
  | {
      readonly event: 'task-retried';
      readonly at: Millis;
      readonly run: number;
      readonly task: string;
      /** The attempt that has failed, from 1 on. */
      readonly attempt: number;
      readonly failure: TaskFailure;
      /** How long is waited before the next one. */
      readonly delayMs: number;
    }
  | {
      readonly event: 'output';
      readonly at: Millis;
      readonly run: number;
      readonly task: string;
      readonly stream: 'stdout' | 'stderr';
      /** Whole or part lines, as they came. */
      readonly text: string;
    }
  | {
      readonly event: 'task-ended';
      readonly at: Millis;
      readonly run: number;
      readonly task: string;
      readonly isGroup: boolean;
      readonly state: EndState;
      /** Present for a service: having succeeded it is ready, and goes on. */
      readonly isService?: true;
      /** Where the task was defined; gulp's own tasks have no place. */
      readonly place?: Place;
    }
  | {
      readonly event: 'run-ended';
      readonly at: Millis;
      readonly run: number;
      readonly tookMs: number;
      readonly counts: RunCounts;
    }
  /** Of a dry run, in which nothing else happens. */
  | {
      readonly event: 'task-foreseen';
      readonly at: Millis;
      readonly task: string;
      readonly isGroup: boolean;
      /** A task of gulp's own, which runs whenever it is asked for. */
      readonly isNative: boolean;
      readonly deps: readonly string[];
      readonly forecast: Forecast;
      readonly reasons: readonly StaleReason[];
      /** The deps on which it hangs whether it runs. */
      readonly after: readonly string[];
    }
  | {
      readonly event: 'dry-run-ended';
      readonly at: Millis;
      readonly counts: ForecastCounts;
    }
  | {
      readonly event: 'warning';
      readonly at: Millis;
      /** A stable word for the kind of trouble, such as `cache-off`. */
      readonly code: string;
      readonly text: string;
    };

/** What happens in one run; the rest concerns the build as a whole. */
export type EventOfRun = Extract<RunEvent, { readonly run: number }>;

/** Receives every event, in order. Must not throw. */
export type Reporter = (event: RunEvent) => void;

/** Whether an event belongs to one run. */
export function isOfRun(event: RunEvent): event is EventOfRun {
  return 'run' in event;
}
