import { errorOf } from '../model/error-image.ts';
import type { CurrentJob } from './current-job.ts';
import { SoftTimeLimitExceeded } from './pool-errors.ts';
import type { AbortReason } from './records.ts';

/** What a job cannot end with itself: it has no way left to end. */
export const stuck: unique symbol = Symbol('stuck');

/** A job inside its worker, from its start to its answer. */
export class ActiveJob implements CurrentJob {
  readonly id: number;
  readonly attempt: number;
  /** The error that nobody caught while it ran; it counts even if the job ended well. */
  blamed: { readonly error: unknown } | undefined;
  /** Ends the wait for the job with an error that did not come from its promise. */
  interrupt: ((why: unknown) => void) | undefined;
  /** Questions that have not been answered yet. */
  openQuestions = 0;
  readonly #send: (job: ActiveJob, question: unknown) => Promise<unknown>;
  #abort: AbortController | undefined;
  #abortReason: unknown;

  constructor(
    id: number,
    attempt: number,
    send: (job: ActiveJob, question: unknown) => Promise<unknown>,
  ) {
    this.id = id;
    this.attempt = attempt;
    this.#send = send;
  }

  /** Made when it is first asked for: most jobs never look. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    return this.#abort.signal;
  }

  abort(why: AbortReason): void {
    this.#abortReason ??=
      why.kind === 'soft-limit'
        ? new SoftTimeLimitExceeded(why.limitMs)
        : errorOf({ name: 'AbortError', message: 'The job was cancelled.', code: 'ABORT_ERR' });
    this.#abort?.abort(this.#abortReason);
  }

  ask(question: unknown): Promise<unknown> {
    return this.#send(this, question);
  }
}
