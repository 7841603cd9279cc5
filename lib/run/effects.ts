import type {
  Finished,
  Observation,
  Outcome,
  Restored,
  Success,
  Verdict,
} from '../cache/verdict.ts';
import type { TaskOutcome } from '../model/failure.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { RunEvent } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { Millis } from '../model/state.ts';
import type { TaskHooks, TaskReport } from '../pool/task-pool.ts';
import type { SweepEffects, Swept } from './sweep.ts';

/** What one attempt of a task is made with. */
export interface Attempt {
  /** Counts from 1. */
  readonly number: number;
  readonly seen: Observation;
  readonly changedDeps: readonly string[];
  /** What the deps returned. */
  readonly results: ReadonlyMap<string, unknown>;
  /** Aborted to stop the task. */
  readonly signal: AbortSignal;
}

/** Whether a task has to run; a service that is `resting` is as it was, and starts only if needed. */
export type Judgement =
  | Verdict
  | {
      readonly kind: 'resting';
      readonly outcome: Outcome;
      readonly observation: Observation;
    };

/** All that the executor has of the outside world. */
export interface Effects {
  now(): Millis;
  /** Runs a function after so many milliseconds; what it returns cancels that. */
  after(ms: number, run: () => void): () => void;
  emit(event: RunEvent): void;
  /** Tells that so many tasks are up to date: there are such only if nobody wants to know more of them. */
  emitSettled(count: number): void;
  /** Decides whether a task has to run; `deps` holds the outcome digests of its deps. */
  check(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Judgement;
  /** Those of `nodes` that are up to date, in an order in which they can end. */
  sweep(nodes: readonly GraphNode[], effects: SweepEffects): readonly Swept[];
  /** Whether a service is ready and not about to end. */
  isServiceAlive(name: string): boolean;
  /** Services that have died since they were last started. */
  deadServices(): ReadonlySet<string>;
  /** Whether what tasks write is wanted when they have succeeded. */
  readonly keepsLogs: boolean;
  /** Whether it is told of what is up to date how long it took before: it is in pictures and for programs. */
  readonly tellsPast: boolean;
  /** Puts back what the task would make, if that is known; undefined: it has to run. */
  restore(node: TaskNode, seen: Observation, reasons: readonly StaleReason[]): Restored | undefined;
  /** Marks the task as under way, so that nothing takes it for up to date if we are cut short. */
  begin(node: TaskNode): Promise<void>;
  /** Runs the action; that of a service until it is ready. Never rejects. */
  runTask(node: TaskNode, attempt: Attempt, hooks: TaskHooks): Promise<TaskReport>;
  /** Runs one of gulp's own tasks. Never rejects. */
  runNative(name: string, run: number): Promise<TaskOutcome>;
  finish(node: TaskNode, success: Success): Finished;
  /** Takes in what a task has written through `ctx.dest()` without success. */
  noteWritten(node: TaskNode, seen: Observation, written: Success['written']): void;
  /** What a task comes to that has said that nothing has changed. */
  keep(node: TaskNode, success: Omit<Success, 'value'>): Outcome;
  /** What a task comes to that has skipped its work. */
  skip(node: TaskNode, seen: Observation): Outcome;
  /** How long a task should take, in milliseconds, if that is known. */
  estimate(name: string): number | undefined;
}
