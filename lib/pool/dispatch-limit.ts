import type { Cost } from './job.ts';

/** So much work, in milliseconds, may wait inside a worker. */
const aheadMs = 1;

/** How many jobs of this cost a worker is given at most; 1 as long as the cost is not known. */
export function dispatchLimit(cost: Cost, maxDepth: number): number {
  if (cost.ms === undefined) return 1;
  return Math.max(1, Math.min(maxDepth, Math.floor(aheadMs / cost.ms)));
}

/** One worker has answered some jobs of a kind. */
export interface Progress {
  lastAt: number;
  answeredCount: number;
  readonly lastCost: Cost | undefined;
}

/** Takes in what the jobs that `worker` has answered since the last time have taken. */
export function noteCost(worker: Progress): void {
  const now = performance.now();
  const sample = (now - worker.lastAt) / worker.answeredCount;
  worker.lastAt = now;
  worker.answeredCount = 0;
  const cost = worker.lastCost;
  if (cost === undefined) return;
  cost.ms = cost.ms === undefined || sample > cost.ms ? sample : (3 * cost.ms + sample) / 4;
}
