import { AsyncLocalStorage } from 'node:async_hooks';
import type { NestedCall } from './nested-call.ts';

/** The task in whose action some code runs. */
export interface InsideTask {
  readonly name: string;
  /** What the action has started may outlive it. */
  readonly hasEnded: () => boolean;
  /** Asks the build in the name of the task. */
  call(call: NestedCall): Promise<unknown>;
  /** Takes what the task writes; returns whether it has. Absent where that is read from its process. */
  readonly write?: TakeOutput;
  /** The task does not end before `work` has. */
  hold(work: Promise<unknown>): void;
}

/** Takes a piece of what is written to a stream of this process; returns whether it has. */
export type TakeOutput = (stream: 'stdout' | 'stderr', piece: string | Uint8Array) => boolean;

const key = Symbol.for('parproc.insideTask');
const holder = globalThis as { [key]?: AsyncLocalStorage<InsideTask> };

/** Runs `action` so that `taskAround` tells of `task` in it, and in all that it leads to. */
export function runInside<T>(task: InsideTask, action: () => T): T {
  holder[key] ??= new AsyncLocalStorage<InsideTask>();
  return holder[key].run(task, action);
}

/** Runs `act` so that it belongs to no task, though one has led to it. */
export function runOutside<T>(act: () => T): T {
  return holder[key] === undefined ? act() : holder[key].exit(act);
}

/** The task in whose action we are, if any, as long as it runs. */
export function taskAround(): InsideTask | undefined {
  const task = holder[key]?.getStore();
  return task?.hasEnded() === false ? task : undefined;
}

/**
 * Keeps the task in whose action this is called from ending before `work` has settled: for plugins
 * that have something to put away when a pipeline has ended. If `work` rejects, the task fails.
 * Outside of a task it does nothing (new).
 */
export function holdTask(work: Promise<unknown>): void {
  taskAround()?.hold(work);
}
