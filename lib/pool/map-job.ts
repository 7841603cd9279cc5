import type { ResultControl } from './apply-result.ts';
import type { Crew } from './crew.ts';
import { Deferred } from './deferred.ts';
import type { KnownFunction } from './function-ref.ts';
import { ClientJob, type Job, type JobOutcome, type JobTraits } from './job.ts';
import { chunkOf } from './job-call.ts';
import { errorOfOutcome } from './outcome-error.ts';
import type { Mode } from './records.ts';

/** What a map is made of. */
export interface MapParts {
  readonly crew: Crew;
  readonly fn: KnownFunction;
  readonly mode: Mode;
  readonly chunkSize: number;
  readonly traits: JobTraits;
  /** Called before the promise settles; what it returns replaces the outcome by an error. */
  readonly ended?: ((deferred: Settlement) => { readonly error: unknown } | undefined) | undefined;
}

/** How a map has ended. */
export type Settlement =
  | { readonly kind: 'value'; readonly value: unknown[] }
  | { readonly kind: 'error'; readonly error: unknown };

/**
 * One job per chunk, and their results put together in the order of the items. The first failure
 * fails the whole at once; chunks that have not started do not start any more.
 */
export class MapJob implements ResultControl {
  readonly deferred: Deferred<unknown[]> = new Deferred<unknown[]>();
  readonly #parts: MapParts;
  readonly #jobs: Job[] = [];
  readonly #results: unknown[][] = [];
  #missing = 0;
  #acceptedCount = 0;
  #isDiscarded = false;

  constructor(parts: MapParts, items: readonly unknown[]) {
    this.#parts = parts;
    const { crew, fn, mode, chunkSize, traits } = parts;
    const own = { ...fn, cost: { ms: undefined } };
    try {
      for (let at = 0; at < items.length; at += chunkSize) {
        const call = chunkOf(own, items.slice(at, at + chunkSize), mode);
        const index = this.#jobs.length;
        const client = {
          settled: (outcome: JobOutcome): void => this.#take(index, outcome),
          started: (): void => {
            this.#acceptedCount += 1;
          },
        };
        this.#jobs.push(new ClientJob(call, client, traits));
      }
    } catch (error) {
      this.#end({ kind: 'error', error });
      return;
    }
    this.#missing = this.#jobs.length;
    for (const job of this.#jobs) crew.submit(job);
    if (this.#missing === 0) this.#end({ kind: 'value', value: [] });
  }

  terminate(signal: NodeJS.Signals): void {
    for (const job of this.#jobs) this.#parts.crew.terminateJob(job, signal);
  }

  discard(): void {
    this.#isDiscarded = true;
    const error = errorOfOutcome({ kind: 'cancelled' }, undefined);
    if (this.deferred.state === 'open') this.deferred.reject(error);
    this.#cancelWaiting();
  }

  accepted(): boolean {
    return this.#acceptedCount >= this.#jobs.length;
  }

  #take(index: number, outcome: JobOutcome): void {
    if (this.deferred.state !== 'open') return;
    if (outcome.kind !== 'returned') {
      this.#end({ kind: 'error', error: errorOfOutcome(outcome, this.#jobs[index]) });
      this.#cancelWaiting();
      return;
    }
    this.#results[index] = outcome.value as unknown[];
    this.#missing -= 1;
    if (this.#missing === 0) this.#end({ kind: 'value', value: this.#results.flat() });
  }

  #end(settlement: Settlement): void {
    if (this.#isDiscarded) return;
    const instead = this.#parts.ended?.(settlement);
    if (instead !== undefined) this.deferred.reject(instead.error);
    else if (settlement.kind === 'value') this.deferred.resolve(settlement.value);
    else this.deferred.reject(settlement.error);
  }

  #cancelWaiting(): void {
    for (const job of this.#jobs) {
      if (job.worker === undefined && !job.isSettled) this.#parts.crew.cancel(job);
    }
  }
}
