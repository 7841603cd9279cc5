import { isUneven } from './choose-worker.ts';
import type { PoolWorker } from './pool-worker.ts';
import { after } from './timer.ts';

/** What is seen of a crew. */
export interface CrewView {
  readonly workers: readonly PoolWorker[];
  /** How many workers run jobs at the same time at most. */
  readonly size: () => number;
  /** Whether jobs wait that no worker has. */
  readonly hasWaiting: () => boolean;
}

/** How long an idle worker watches another one sit on jobs before these are asked back. */
const askBackMs = 5;
/** How long a worker without a job may take to say that it has got one. Usually well under 1 ms. */
const takeMs = 10_000;
/** How long a worker that has several jobs may say nothing before its log is looked into. */
const lookMs = 5;

/** Looks after workers that have jobs and say nothing. */
export class QuietWorkers {
  readonly #crew: CrewView;
  #isIdleCheckDue = false;
  #isLookDue = false;

  constructor(crew: CrewView) {
    this.#crew = crew;
  }

  /** One worker may sit on jobs behind a long one while another has nothing to do. */
  watchIdle(): void {
    if (this.#isIdleCheckDue || !this.#isUneven()) return;
    this.#isIdleCheckDue = true;
    after(askBackMs, () => {
      this.#isIdleCheckDue = false;
      this.#askBack();
    });
  }

  #askBack(): void {
    if (!this.#isUneven()) return;
    const late = performance.now() - askBackMs / 2;
    for (const worker of this.#crew.workers) {
      if (worker.load > 1 && worker.lastAt < late) worker.askBack();
    }
    this.watchIdle();
  }

  #isUneven(): boolean {
    const { workers, size, hasWaiting } = this.#crew;
    return !hasWaiting() && isUneven(workers, size());
  }

  /** A worker tells of short jobs many at a time, and cannot while it is busy with a long one. */
  lookSoon(): void {
    if (this.#isLookDue || !this.#crew.workers.some((worker) => worker.load > 1)) return;
    this.#isLookDue = true;
    after(lookMs, () => {
      this.#isLookDue = false;
      const late = performance.now() - lookMs;
      for (const worker of [...this.#crew.workers]) {
        if (worker.load > 1 && worker.lastAt < late) worker.lookIntoLog();
      }
      this.lookSoon();
    });
  }

  /**
   * A worker that does not even take a job is stopped, or in a loop that an earlier job has left
   * there: what it was given has not started, and goes elsewhere.
   */
  endDeaf(): void {
    const late = performance.now() - takeMs;
    for (const worker of this.#crew.workers) {
      if (worker.load > 0 && !worker.hasTaken && worker.lastAt < late) worker.kill();
    }
  }
}
