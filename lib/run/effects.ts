import type { Finished, Observation, Verdict } from '../cache/verdict.ts';
import type { TaskOutcome } from '../model/failure.ts';
import type { TaskNode } from '../model/node.ts';
import type { RunEvent } from '../model/run-event.ts';
import type { Millis } from '../model/state.ts';
import type { OnOutput } from '../pool/task-pool.ts';

/** All that the executor has of the outside world. */
export interface Effects {
  now(): Millis;
  emit(event: RunEvent): void;
  /** Decides whether a task has to run; `deps` holds the outcome digests of its deps. */
  check(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Verdict;
  /** Marks the task as under way, so that nothing takes it for up to date if we are cut short. */
  begin(node: TaskNode): Promise<void>;
  /** Runs the action. Never rejects. */
  runTask(
    node: TaskNode,
    seen: Observation,
    results: ReadonlyMap<string, unknown>,
    onOutput: OnOutput,
  ): Promise<TaskOutcome>;
  /** Runs one of gulp's own tasks. Never rejects. */
  runNative(name: string, run: number): Promise<TaskOutcome>;
  finish(node: TaskNode, seen: Observation, value: unknown, tookMs: number): Finished;
}
