import { checkSignal } from './call-options.ts';
import { type Deferred, type WaitOptions, waitLimit, withinLimit } from './deferred.ts';

/** What a result can do to what it stands for. */
export interface ResultControl {
  /** Ends the job, or all jobs of a map. */
  terminate(signal: NodeJS.Signals): void;
  /** The result is not wanted any more. */
  discard(): void;
  /** Whether a worker has taken up the job, or all jobs. */
  accepted(): boolean;
}

/**
 * The result of a job to come (billiard: `ApplyResult`). Awaiting it is `get()`. A failure that
 * nobody asks for is silent, as in billiard.
 */
export class ApplyResult<T> implements PromiseLike<T> {
  /** Given with the call, for the caller. */
  readonly correlationId: string | undefined;
  /** Resolves when the job has got its slot and is queued; at once without `putLocks`. */
  readonly admitted: Promise<void>;
  readonly #deferred: Deferred<T>;
  readonly #control: ResultControl;

  /** Made by pools. */
  constructor(
    deferred: Deferred<T>,
    control: ResultControl,
    rest: { correlationId?: string | undefined; admitted?: Promise<void> | undefined } = {},
  ) {
    this.#deferred = deferred;
    this.#control = control;
    this.correlationId = rest.correlationId;
    this.admitted = rest.admitted ?? Promise.resolve();
  }

  /**
   * The value. Rejects with the job's own error, or one of the pool's.
   *
   * @param options After `timeout` it rejects with TimeoutError; the job goes on.
   */
  async get(options: WaitOptions = {}): Promise<T> {
    return withinLimit(this.#deferred.promise, waitLimit(options, 'get()'));
  }

  /** Resolves when the job has ended, well or not, or after `timeout`. Never rejects otherwise. */
  async wait(options: WaitOptions = {}): Promise<void> {
    const limitMs = waitLimit(options, 'wait()');
    await withinLimit(this.#deferred.promise, limitMs).catch(() => undefined);
  }

  /** Whether the job has ended. */
  ready(): boolean {
    return this.#deferred.state !== 'open';
  }

  /**
   * Whether the job has ended well.
   *
   * @throws Error If it has not ended yet.
   */
  successful(): boolean {
    if (!this.ready()) throw new Error('successful() was called before the job had ended.');
    return this.#deferred.state === 'value';
  }

  /** Whether a worker has taken the job up; for a map, all its chunks. */
  accepted(): boolean {
    return this.#control.accepted();
  }

  /**
   * Ends the job by `signal` to the process group of its worker, SIGKILL after the pool's grace
   * period; or takes it from the queue. It rejects with Terminated when nothing of it is left.
   * (In billiard it only makes a note.) Of what has ended already nothing happens.
   *
   * @throws InvalidOption For what is no name of a signal.
   */
  terminate(signal: NodeJS.Signals = 'SIGTERM'): void {
    checkSignal(signal);
    this.#control.terminate(signal);
  }

  /**
   * Nobody wants it any more: it does not start if it has not, no callback is called, and it
   * rejects with AbortError. What runs goes on.
   */
  discard(): void {
    this.#control.discard();
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` is how results are waited for
  then<Value = T, Failure = never>(
    onValue?: ((value: T) => Value | PromiseLike<Value>) | null,
    onError?: ((error: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Value | Failure> {
    return this.#deferred.promise.then(onValue, onError);
  }

  /** As with a promise. */
  catch<Failure = never>(
    onError?: ((error: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<T | Failure> {
    return this.#deferred.promise.catch(onError);
  }

  /** As with a promise. */
  finally(onEnd?: (() => void) | null): Promise<T> {
    return this.#deferred.promise.finally(onEnd);
  }
}

/** The results of a map to come, in the order of its items (billiard: `MapResult`). */
export class MapResult<T> extends ApplyResult<T[]> {}
