import type { TaskCache } from '../cache/task-cache.ts';
import type { TaskNode } from '../model/node.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { host } from './host.ts';
import type { SeenInputs } from './seen-inputs.ts';

/** What whoever watches files needs beside the session. */
export interface WatchFacts {
  /** Absolute; paths are relative to it. */
  readonly workDir: string;
  now(): number;
  after(ms: number, run: () => void): () => void;
  emit(event: RunEvent): void;
  /** Whether the files that count for all tasks are what they were when they were last looked at. */
  areGlobalsUnchanged(): boolean;
  /**
   * Whether all that a task itself reads is what it was when it was last looked at. One that never was is
   * looked at now, and is unchanged.
   *
   * @throws Error what functions in `.inputs()` throw, or a pattern that cannot be expanded
   */
  isUnchanged(node: TaskNode): boolean;
  /** Whether the outputs of a task are those of its last success, if anything is known of that. */
  areOutputsIntact(node: TaskNode): boolean;
  /** Paths that a task has found out it reads. */
  discoveredBy(name: string): readonly string[];
  /** Paths of the files that count for all tasks. */
  globalPaths(): readonly string[];
  /** The files with which the user's build begins. */
  readonly buildEntries: readonly string[];
}

/** What watching can know of a session. */
export function watchFactsOf(
  { workDir, files }: Pick<WorkerSetup, 'workDir' | 'files'>,
  cache: TaskCache,
  seen: SeenInputs,
  report: Reporter,
): WatchFacts {
  return {
    workDir,
    now: host.now,
    after: host.after,
    emit: report,
    isUnchanged: (node) => seen.isUnchanged(node),
    areGlobalsUnchanged: () => cache.areGlobalsUnchanged(),
    areOutputsIntact: (node) => cache.areOutputsIntact(node),
    discoveredBy: (name) => cache.discoveredBy(name),
    globalPaths: () => cache.globalPaths(),
    buildEntries: files,
  };
}
