import type { Crew } from './crew.ts';
import { type WaitOptions, waitLimit } from './deferred.ts';
import type { KnownFunction } from './function-ref.ts';
import { ClientJob, type FunctionEntry, type Job, type JobOutcome, type JobTraits } from './job.ts';
import { chunkOf } from './job-call.ts';
import { errorOfOutcome } from './outcome-error.ts';
import { TimeoutError } from './pool-errors.ts';
import { modes } from './records.ts';
import { isThenable } from './run-job.ts';
import { after } from './timer.ts';

/** What an iteration is made of. */
export interface IterationParts {
  readonly crew: Crew;
  readonly fn: KnownFunction;
  readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly chunkSize: number;
  /** How many chunks are out, or have results that nobody has taken yet, at most. */
  readonly buffer: number;
  readonly isOrdered: boolean;
  readonly traits: JobTraits;
}

type Result<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown };

/** A chunk whose place among the results is kept. */
interface Slot<T> {
  readonly results: Result<T>[];
  isOver: boolean;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Results as they come, in the order of the items or not (billiard: `IMapIterator`). Items are
 * taken from their source only as results are taken from here. The error of an item rejects one
 * `next()`; the one after that goes on with the next item.
 */
export class JobIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #parts: IterationParts;
  readonly #source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #fn: FunctionEntry;
  readonly #jobs = new Set<Job>();
  readonly #slots: Slot<T>[] = [];
  readonly #ready: Result<T>[] = [];
  readonly #timers = new Map<Waiter<T>, () => void>();
  #waiting: Waiter<T>[] = [];
  #isPulling = false;
  /** Nothing more comes from the source. */
  #isExhausted = false;

  /** Made by pools. */
  constructor(parts: IterationParts) {
    this.#parts = parts;
    this.#source = parts.source;
    this.#fn = { ...parts.fn, cost: { ms: undefined } };
    void this.#fill();
  }

  /**
   * The next result. Rejects with the error of its item, or of the source.
   *
   * @param options After `timeout` it rejects with TimeoutError; the result can still be had later.
   */
  next(options: WaitOptions = {}): Promise<IteratorResult<T, undefined>> {
    const limitMs = waitLimit(options, 'next()');
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiting.push(waiter);
      this.#deliver();
      if (limitMs === undefined || !this.#waiting.includes(waiter)) return;
      const cancel = after(limitMs, () => {
        if (!this.#waiting.includes(waiter)) return;
        this.#waiting = this.#waiting.filter((each) => each !== waiter);
        reject(new TimeoutError(limitMs));
      });
      this.#timers.set(waiter, cancel);
    });
  }

  /** Ends the iteration, as leaving a `for await` does: what has not started does not start. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isExhausted = true;
    this.#ready.length = 0;
    this.#slots.length = 0;
    for (const job of this.#jobs) if (job.worker === undefined) this.#parts.crew.cancel(job);
    this.#jobs.clear();
    this.#deliver();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Takes items from the source as long as there is room. */
  async #fill(): Promise<void> {
    if (this.#isPulling) return;
    this.#isPulling = true;
    while (!this.#isExhausted && this.#hasRoom()) {
      const items: unknown[] = [];
      let failure: { readonly error: unknown } | undefined;
      try {
        while (items.length < this.#parts.chunkSize) {
          const step = this.#source.next();
          // Awaiting what is there already would cost a turn per item.
          const { done, value } = isThenable(step) ? await step : step;
          if (this.#isExhausted) return;
          if (done === true) {
            this.#isExhausted = true;
            break;
          }
          items.push(value);
        }
      } catch (error) {
        failure = { error };
        this.#isExhausted = true;
      }
      if (items.length > 0) this.#submit(items, this.#newSlot());
      if (failure !== undefined) this.#put(this.#newSlot(), { kind: 'error', ...failure });
    }
    this.#isPulling = false;
    this.#deliver();
  }

  #hasRoom(): boolean {
    const { buffer, chunkSize } = this.#parts;
    return this.#jobs.size + Math.ceil(this.#unread() / chunkSize) < buffer;
  }

  #unread(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.results.length, this.#ready.length);
  }

  #newSlot(): Slot<T> {
    const slot: Slot<T> = { results: [], isOver: false };
    if (this.#parts.isOrdered) this.#slots.push(slot);
    return slot;
  }

  #submit(items: readonly unknown[], slot: Slot<T>): void {
    const { crew, traits } = this.#parts;
    let job: Job;
    try {
      const client = {
        settled: (outcome: JobOutcome): void => {
          if (this.#jobs.delete(job)) this.#take(items, slot, outcome, job);
        },
      };
      job = new ClientJob(chunkOf(this.#fn, items, modes.each), client, traits);
    } catch (error) {
      this.#put(slot, { kind: 'error', error });
      return;
    }
    this.#jobs.add(job);
    crew.submit(job);
  }

  #take(items: readonly unknown[], slot: Slot<T>, outcome: JobOutcome, job: Job): void {
    if (outcome.kind === 'returned') {
      this.#keep(slot, valuesOf(outcome.value as T[]), true);
    } else {
      const error = { kind: 'error', error: errorOfOutcome(outcome, job) } as const;
      const done = outcome.kind === 'threw' ? (outcome.done as T[]) : [];
      // The items after the one that threw have not had their turn.
      const rest = outcome.kind === 'threw' ? items.slice(done.length + 1) : [];
      this.#keep(slot, [...valuesOf(done), error], rest.length === 0);
      // Before results are handed out: with nothing under way it would look as if all were over.
      if (rest.length > 0) this.#submit(rest, slot);
    }
    this.#deliver();
    void this.#fill();
  }

  #put(slot: Slot<T>, result: Result<T>): void {
    this.#keep(slot, [result], true);
    this.#deliver();
  }

  #keep(slot: Slot<T>, results: readonly Result<T>[], isOver: boolean): void {
    const target = this.#parts.isOrdered ? slot.results : this.#ready;
    for (const result of results) target.push(result);
    slot.isOver = isOver;
  }

  /** Hands results to those who wait for them. */
  #deliver(): void {
    while (this.#waiting.length > 0) {
      const result = this.#takeReady();
      if (result === undefined && !this.#isOver()) return;
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      this.#timers.get(waiter)?.();
      this.#timers.delete(waiter);
      if (result === undefined) waiter.resolve({ done: true, value: undefined });
      else if (result.kind === 'value') waiter.resolve({ done: false, value: result.value });
      else waiter.reject(result.error);
      if (result !== undefined) void this.#fill();
    }
  }

  #takeReady(): Result<T> | undefined {
    const [slot] = this.#slots;
    if (slot === undefined) return this.#ready.shift();
    const result = slot.results.shift();
    if (slot.isOver && slot.results.length === 0) this.#slots.shift();
    return result;
  }

  #isOver(): boolean {
    return this.#isExhausted && this.#jobs.size === 0 && this.#unread() === 0;
  }
}

function valuesOf<T>(values: readonly T[]): Result<T>[] {
  return values.map((value) => ({ kind: 'value', value }));
}
