import { AsyncLocalStorage } from 'node:async_hooks';

/** The job that the calling code belongs to, inside a worker. */
export interface CurrentJob {
  /** Counts the pool's jobs from 1. All items of one chunk of a `map` are one job. */
  readonly id: number;
  /**
   * Aborted when the job's soft limit has passed (the reason is a `SoftTimeLimitExceeded`) or when
   * it is cancelled. What the job still returns counts, until the hard limit.
   */
  readonly signal: AbortSignal;
  /** How often the job has been tried, this time included; 1 at first. */
  readonly attempt: number;
  /** Asks the process that owns the pool; rejects with what its answer rejects with. */
  ask(question: unknown): Promise<unknown>;
}

const key = Symbol.for('parproc.pool.currentJob');
const shared = globalThis as { [key]?: AsyncLocalStorage<CurrentJob> };

/** Shared by all copies of this module in the process: user code may import another one. */
export function jobStorage(): AsyncLocalStorage<CurrentJob> {
  shared[key] ??= new AsyncLocalStorage();
  return shared[key];
}

/**
 * The job that the calling code runs in, also after an `await` (new; the soft limit of billiard
 * arrives here as `currentJob().signal`).
 *
 * @throws Error Outside of a job.
 */
export function currentJob(): CurrentJob {
  const job = shared[key]?.getStore();
  if (job === undefined) throw new Error('currentJob() was called outside of a job of a pool.');
  return job;
}
