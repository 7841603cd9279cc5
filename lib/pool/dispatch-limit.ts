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

/** So many answers say as much about the cost as is known already. */
const weightyCount = 32;

/**
 * Takes in what the jobs that `worker` has answered since the last time have taken. Long jobs count
 * at once: short ones must not be sent behind them. A few short ones that have taken longer than
 * others may have waited for a core, and count for less.
 */
export function noteCost(worker: Progress): void {
  const now = performance.now();
  const count = worker.answeredCount;
  const sample = (now - worker.lastAt) / count;
  worker.lastAt = now;
  worker.answeredCount = 0;
  const cost = worker.lastCost;
  if (cost === undefined) return;
  if (cost.ms === undefined || sample >= aheadMs) cost.ms = sample;
  else if (sample < cost.ms) cost.ms = (cost.ms + sample) / 2;
  else cost.ms += (sample - cost.ms) * Math.min(0.5, count / weightyCount);
}
