import type { Job } from './job.ts';

/** Jobs that wait for a worker, first come first served. Settled ones are passed over. */
export class JobQueue {
  #jobs: (Job | undefined)[] = [];
  #head = 0;

  /** How many wait, settled ones that have not been passed over yet included. */
  get size(): number {
    return this.#jobs.length - this.#head;
  }

  /** How many wait that are still wanted. */
  wantedCount(): number {
    let count = 0;
    for (let at = this.#head; at < this.#jobs.length; at++) {
      if (this.#jobs[at]?.isSettled === false) count += 1;
    }
    return count;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  /** Puts jobs that have been given back before all others. */
  unshift(jobs: readonly Job[]): void {
    this.#jobs = [...jobs, ...this.#jobs.slice(this.#head)];
    this.#head = 0;
  }

  /** The next one that is still wanted. */
  peek(): Job | undefined {
    for (;;) {
      const job = this.#jobs[this.#head];
      if (job === undefined) return undefined;
      if (!job.isSettled) return job;
      this.shift();
    }
  }

  /** Takes the first one out. */
  shift(): void {
    this.#jobs[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#jobs.length) {
      this.#jobs = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Takes all out. */
  drain(): Job[] {
    const jobs = this.#jobs.slice(this.#head).filter((job) => job !== undefined);
    this.#jobs = [];
    this.#head = 0;
    return jobs;
  }
}
