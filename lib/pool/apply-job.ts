import type { ResultControl } from './apply-result.ts';
import { type ApplyOptions, callLimits, type Limits, spanOrNone } from './call-options.ts';
import { callUser } from './callbacks.ts';
import type { Crew } from './crew.ts';
import { Deferred } from './deferred.ts';
import { ClientJob, type Job, type JobClient, type JobOutcome, type WorkerView } from './job.ts';
import type { JobCall } from './job-call.ts';
import { errorOfOutcome } from './outcome-error.ts';
import type { JobView, PoolOptions, Semaphore } from './pool-options.ts';

/** What a job of `applyAsync` needs of its pool. */
export interface ApplyParts {
  readonly crew: Crew;
  readonly limits: Limits;
  readonly hooks: Pick<PoolOptions, 'onTimeoutSet' | 'onTimeoutCancel'>;
  /** To be acquired before the job is queued. */
  readonly semaphore: Semaphore | undefined;
  /** Told while the job waits for its slot, so that the pool does not end before. */
  readonly waiting: Set<ApplyJob>;
}

/** A job with callbacks, limits and a signal, from its submission to its end. */
export class ApplyJob implements ResultControl, JobClient, JobView {
  readonly deferred: Deferred<unknown> = new Deferred();
  /** Resolves when it is queued. */
  readonly admitted: Promise<void> | undefined;
  readonly correlationId: string | undefined;
  readonly #parts: ApplyParts;
  readonly #options: ApplyOptions<never>;
  readonly #job: Job;
  #isAccepted = false;
  #isDiscarded = false;
  #hasSlot = false;
  #isLimitSet = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: ApplyParts, call: JobCall, options: ApplyOptions<never>) {
    this.#parts = parts;
    this.#options = options;
    this.correlationId = options.correlationId;
    const { softMs, hardMs } = callLimits(options, parts.limits);
    const { lostWorkerTimeout, signal } = options;
    const drainMs =
      lostWorkerTimeout === undefined
        ? undefined
        : (spanOrNone(lostWorkerTimeout, 'lostWorkerTimeout') ?? 0);
    const traits = { isExclusive: true, softLimitMs: softMs, hardLimitMs: hardMs, drainMs };
    this.#job = new ClientJob(call, this, traits);
    if (signal?.aborted === true) {
      this.#job.settle({ kind: 'cancelled' });
      return;
    }
    signal?.addEventListener('abort', this.#cancel, { once: true });
    if (parts.semaphore === undefined) parts.crew.submit(this.#job);
    else this.admitted = this.#admit(parts.semaphore);
  }

  get id(): number {
    return this.#job.id;
  }

  /** The pool takes no more jobs, and this one has not got its slot yet. */
  giveUp(): void {
    this.#job.settle({ kind: 'pool-terminated' });
  }

  terminate(signal: NodeJS.Signals): void {
    this.#parts.crew.terminateJob(this.#job, signal);
  }

  discard(): void {
    if (this.deferred.state !== 'open') return;
    this.#isDiscarded = true;
    this.deferred.reject(errorOfOutcome({ kind: 'cancelled' }, this.#job));
    if (this.#job.worker === undefined) this.#parts.crew.cancel(this.#job);
  }

  accepted(): boolean {
    return this.#isAccepted;
  }

  started(worker: WorkerView): void {
    this.#isAccepted = true;
    const { limits } = this.#job;
    if (limits !== undefined) {
      this.#isLimitSet = true;
      this.#call(() => this.#parts.hooks.onTimeoutSet?.(this, limits.softMs, limits.hardMs));
    }
    const { acceptCallback } = this.#options;
    if (this.#isDiscarded) return;
    this.#call(acceptCallback && (() => acceptCallback(worker.pid, Date.now())));
  }

  softLimitPassed(limitMs: number): void {
    this.#passed(true, limitMs);
  }

  settled(outcome: JobOutcome): void {
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    this.#parts.waiting.delete(this);
    if (this.#hasSlot) this.#release();
    if (this.#isLimitSet) this.#call(() => this.#parts.hooks.onTimeoutCancel?.(this));
    if (this.#isDiscarded) return;
    if (outcome.kind === 'timed-out') this.#passed(false, outcome.limitMs);
    if (outcome.kind === 'returned') this.#succeed(outcome.value);
    else this.#fail(this.#errorOf(outcome));
  }

  #errorOf(outcome: Exclude<JobOutcome, { kind: 'returned' }>): unknown {
    const { signal } = this.#options;
    if (outcome.kind === 'cancelled' && signal?.aborted === true) return signal.reason;
    return errorOfOutcome(outcome, this.#job);
  }

  #succeed(value: unknown): void {
    const { callback } = this.#options;
    this.#call(callback && (() => callback(value as never)));
    if (this.#failure === undefined) this.deferred.resolve(value);
    else this.deferred.reject(this.#failure.error);
  }

  #fail(error: unknown): void {
    const { errorCallback } = this.#options;
    this.#call(errorCallback && (() => errorCallback(error)));
    this.deferred.reject(this.#failure === undefined ? error : this.#failure.error);
  }

  #passed(isSoft: boolean, limitMs: number): void {
    const { timeoutCallback } = this.#options;
    if (this.#isDiscarded) return;
    this.#call(timeoutCallback && (() => timeoutCallback(isSoft, limitMs)));
  }

  #call(callback: (() => unknown) | undefined): void {
    this.#failure ??= callUser(callback, this.#options.callbacksPropagate);
  }

  /** The semaphore may be the user's own. */
  #release(): void {
    callUser(() => this.#parts.semaphore?.release());
  }

  readonly #cancel = (): void => {
    this.#parts.crew.cancel(this.#job);
  };

  async #admit(semaphore: Semaphore): Promise<void> {
    this.#parts.waiting.add(this);
    try {
      await semaphore.acquire();
    } catch (error) {
      this.#failure ??= { error };
      this.#job.settle({ kind: 'cancelled' });
      return;
    }
    if (this.#job.isSettled) {
      this.#release();
      return;
    }
    this.#hasSlot = true;
    this.#parts.crew.submit(this.#job);
    this.#parts.waiting.delete(this);
  }
}
