import { isUserError } from '../model/errors.ts';
import { host } from '../run/host.ts';

/**
 * The promise of a run. A failure that nobody awaits is no unhandled rejection: the tasks were
 * reported, errors of the request are printed, and the exit code tells it.
 */
export class RunPromise<T> extends Promise<T> {
  /** What `then` makes is the user's: an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #isAwaited = false;

  /** `promise` as a run. */
  static of<T>(promise: Promise<T>): RunPromise<T> {
    const run = new RunPromise<T>((resolve, reject) => {
      promise.then(resolve, reject);
    });
    // Not by `run.then`, which would count as awaiting it.
    void Promise.prototype.then.call(run, undefined, (error: unknown) => {
      setImmediate(() => {
        if (!run.#isAwaited) RunPromise.blame(error);
      });
    });
    return run;
  }

  /** Sees to it that a failure which nobody hears of is not lost. */
  static blame(error: unknown): void {
    if (isUserError(error)) host.writeError(`${error.message}\n`);
    else if (!(error instanceof Error && error.name === 'RunFailed')) {
      host.writeError(`${error instanceof Error ? error.stack : String(error)}\n`);
    }
    if (host.exitCode() === 0) host.failAtExit(isUserError(error) ? 2 : 1);
  }

  // biome-ignore lint/suspicious/noThenProperty: it is one
  override then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isAwaited = true;
    return super.then(onDone, onFailed);
  }
}
