import type { Job, JobClient, JobOutcome } from './job.ts';
import { errorOfOutcome } from './outcome-error.ts';

/** Makes a promise of a job; the short way, for jobs without callbacks. */
export class PromiseClient implements JobClient {
  job: Job | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  settled(outcome: JobOutcome): void {
    if (outcome.kind === 'returned') this.#resolve(outcome.value);
    else this.#reject(errorOfOutcome(outcome, this.job));
  }
}
