import { Job, type JobClient, type JobOutcome, type JobTraits } from './job.ts';
import type { JobCall } from './job-call.ts';
import { errorOfOutcome } from './outcome-error.ts';

/** A job that settles a promise: the short way, for jobs without callbacks. */
export class PromiseJob extends Job implements JobClient {
  readonly #resolve: (value: unknown) => void;

  /** @param resolve Of the promise; it rejects by a promise that is rejected. */
  constructor(call: JobCall, traits: JobTraits | undefined, resolve: (value: unknown) => void) {
    super(call, traits);
    this.#resolve = resolve;
  }

  /** One object less for each job. */
  override get client(): JobClient {
    return this;
  }

  settled(outcome: JobOutcome): void {
    const isReturned = outcome.kind === 'returned';
    this.#resolve(isReturned ? outcome.value : Promise.reject(errorOfOutcome(outcome, this)));
  }
}
