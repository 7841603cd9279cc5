import type { Results } from './context.ts';
import type { TaskFailure } from './failure.ts';
import type { StaleReason } from './stale-reason.ts';
import type { TaskState } from './state.ts';

/** Where a task stands, as `states()` and results tell it: `idle` is known but not wanted. */
export type StateName = TaskState['kind'] | 'idle';

/** How one task of a run ended. */
export interface TaskResult {
  readonly state: StateName;
  /**
   * Why it ran, or if it is `up-to-date` why its outputs were put back (`restore`); empty if neither was
   * done.
   */
  readonly reasons: readonly StaleReason[];
  readonly durationMs: number;
  readonly failure?: TaskFailure;
}

/** What came of a run (DESIGN: `RunResult`). */
export interface RunResult {
  /** Whether everything that was asked for has succeeded. */
  readonly ok: boolean;
  /** What the tasks that were asked for returned, by full name. */
  readonly results: Results;
  /** These and all tasks that they need, by full name. */
  readonly tasks: ReadonlyMap<string, TaskResult>;
  readonly durationMs: number;
}

/** A request came to nothing because tasks failed. The tasks themselves were reported before. */
export class RunFailed extends Error {
  /** Full names of the tasks that failed themselves. */
  readonly tasks: readonly string[];
  /** What came of everything else; undefined where a task waited for others. */
  readonly result: RunResult | undefined;

  constructor(tasks: readonly string[], wasCancelled: boolean, result?: RunResult) {
    super(messageOf(tasks, wasCancelled));
    this.tasks = tasks;
    this.result = result;
    // Node shows the members of an error that nobody has caught; the tasks were reported before.
    for (const member of ['tasks', 'result']) {
      Object.defineProperty(this, member, { enumerable: false });
    }
    Object.defineProperty(this, 'name', { value: 'RunFailed', configurable: true });
    this.stack = this.message;
    // gulp-cli prints errors that have this property by `toString()`, without a stack.
    Object.defineProperty(this, 'showStack', { value: false });
  }

  override toString(): string {
    return this.message;
  }
}

function messageOf(tasks: readonly string[], wasCancelled: boolean): string {
  if (tasks.length === 0) return wasCancelled ? 'Interrupted.' : 'Nothing could be run.';
  const shown = tasks.slice(0, 5).join(', ');
  const rest = tasks.length > 5 ? ` and ${tasks.length - 5} more` : '';
  return `${tasks.length === 1 ? 'Task failed' : `${tasks.length} tasks failed`}: ${shown}${rest}`;
}
