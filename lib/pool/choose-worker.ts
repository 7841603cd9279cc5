import { dispatchLimit } from './dispatch-limit.ts';
import type { Job } from './job.ts';
import type { PoolWorker } from './pool-worker.ts';

/**
 * The worker that gets the job now; undefined if it has to wait. A worker is not given short jobs
 * one by one: it is filled up when half of what it may have is done.
 */
export function chooseWorker(
  job: Job,
  workers: readonly PoolWorker[],
  maxDepth: number,
): PoolWorker | undefined {
  const { traits } = job;
  const limit = traits.isExclusive ? 1 : dispatchLimit(job.fn.cost, maxDepth);
  let best: PoolWorker | undefined;
  for (const worker of workers) {
    const { load } = worker;
    if (!worker.isReady || (load > 0 && (load >= limit || worker.hasExclusiveJob))) continue;
    if (!worker.isFilling && load * 2 > limit) continue;
    if (traits.isFresh === true && !worker.isUnused) continue;
    if (worker.predecessor !== undefined && worker.predecessor.load > 0) continue;
    if (best === undefined || isBetter(worker, best, traits.affinity)) best = worker;
  }
  return best;
}

/** Whether one worker has nothing to do, or could be started, while another has jobs that wait. */
export function isUneven(workers: readonly PoolWorker[], size: number): boolean {
  let isIdle = workers.length < size;
  let isLoaded = false;
  for (const worker of workers) {
    if (worker.load === 0 && worker.isReady) isIdle = true;
    if (worker.load > 1) isLoaded = true;
  }
  return isIdle && isLoaded;
}

/** Less loaded first; among idle ones the one that is warm for the job, else warm for least. */
function isBetter(a: PoolWorker, b: PoolWorker, affinity: string | undefined): boolean {
  if (a.load !== b.load) return a.load < b.load;
  if (affinity === undefined) return false;
  const isWarm = a.hasRun(affinity);
  return isWarm === b.hasRun(affinity) ? a.warmth < b.warmth : isWarm;
}
