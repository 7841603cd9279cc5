import { availableParallelism } from 'node:os';
import { ApplyJob } from './apply-job.ts';
import { ApplyResult, MapResult } from './apply-result.ts';
import { type ApplyOptions, checkApplyOptions, checkSignal } from './call-options.ts';
import type { Crew } from './crew.ts';
import type { Deferred } from './deferred.ts';
import { type Callable, knownFunction } from './function-ref.ts';
import { collected, type Items, isAsyncOnly, listOf, sourceOf } from './items.ts';
import type { JobTraits, WorkerView } from './job.ts';
import { callOf, checkArgs, type JobCall } from './job-call.ts';
import { JobIterator } from './job-iterator.ts';
import { MapJob, type Settlement } from './map-job.ts';
import {
  checkIterateOptions,
  checkMapOptions,
  defaultBuffer,
  defaultChunkSize,
  type IterateOptions,
  type MapAsyncOptions,
  type MapOptions,
} from './map-options.ts';
import { crewOf } from './pool-crew.ts';
import { InvalidOption, PoolClosedError } from './pool-errors.ts';
import { type PoolOptions, type PoolSettings, poolSettings, whole } from './pool-options.ts';
import { PromiseJob } from './promise-job.ts';
import { type Mode, modes } from './records.ts';
import { failed, noControl, tell } from './settlement.ts';
import { Slots } from './slots.ts';

/**
 * A pool of worker processes (billiard: `Pool`). Workers start when a job waits for one, and stay
 * warm. Every job that is submitted settles exactly once; a job that kills its worker fails alone.
 * An idle pool does not keep the program alive, and nothing outlives the program.
 */
export class Pool implements AsyncDisposable {
  readonly #settings: PoolSettings;
  readonly #options: PoolOptions;
  readonly #crew: Crew;
  readonly #slots: Slots;
  readonly #waiting = new Set<ApplyJob>();
  /** Items that come one by one and are still being read. */
  readonly #reading = new Set<Promise<unknown>>();
  readonly #limitTraits: JobTraits | undefined;
  #isClosed = false;

  /**
   * @throws InvalidOption For an unknown option, or a value that is not allowed.
   * @throws TypeError For a hook or an initializer that is no function.
   * @throws EncodingError For an initializer that cannot be sent.
   */
  constructor(options: PoolOptions = {}) {
    this.#settings = poolSettings(options);
    this.#options = options;
    this.#slots = new Slots(this.#settings.processes);
    const { softMs, hardMs } = this.#settings.limits;
    if (softMs !== undefined || hardMs !== undefined) {
      this.#limitTraits = { isExclusive: true, softLimitMs: softMs, hardLimitMs: hardMs };
    }
    this.#crew = crewOf(options, this.#settings);
  }

  /**
   * Calls `fn(...args)` in a worker and gives what it returns (billiard: `apply`). Limits are those
   * of the pool; it takes no others. Rejects with the error of the job, or one of the pool's:
   * EncodingError, WorkerLostError, TimeLimitExceeded, RestartFreqExceeded, PoolClosedError,
   * PoolTerminatedError.
   */
  apply<Args extends readonly unknown[], Result>(
    fn: Callable<Args, Result>,
    args: Args = [] as readonly unknown[] as Args,
    ...options: never[]
  ): Promise<Awaited<Result>> {
    return new Promise((resolve) => {
      checkArgs(args, 'apply()');
      if (options.length > 0) {
        throw new InvalidOption('apply() takes no options.', 'Use applyAsync(), which does.');
      }
      const call = callOf(knownFunction(fn), args);
      if (this.#isClosed) throw new PoolClosedError();
      const settle = resolve as (value: unknown) => void;
      this.#crew.submit(new PromiseJob(call, this.#limitTraits, settle));
    });
  }

  /**
   * The same with callbacks, limits of its own and a handle (billiard: `apply_async`). Such a job
   * is never sent ahead, so that it can be ended without harm to others. Arguments that cannot be
   * sent reject the result with EncodingError.
   *
   * @throws PoolClosedError @throws InvalidOption @throws TypeError For arguments that are no array.
   */
  applyAsync<Args extends readonly unknown[], Result>(
    fn: Callable<Args, Result>,
    args: Args = [] as readonly unknown[] as Args,
    options: ApplyOptions<Awaited<Result>> = {},
  ): ApplyResult<Awaited<Result>> {
    this.#checkOpen();
    checkArgs(args, 'applyAsync()');
    checkApplyOptions(options as ApplyOptions<never>);
    const known = knownFunction(fn);
    let call: JobCall;
    try {
      call = callOf(known, args);
    } catch (error) {
      return new ApplyResult(failed(error, options as ApplyOptions<never>), noControl);
    }
    const { putLocks = false, semaphore = this.#slots } = this.#options;
    const parts = {
      crew: this.#crew,
      limits: this.#settings.limits,
      hooks: this.#options,
      semaphore: (options.waitForSlot ?? putLocks) ? semaphore : undefined,
      waiting: this.#waiting,
    };
    const job = new ApplyJob(parts, call, options as ApplyOptions<never>);
    return new ApplyResult(job.deferred as Deferred<Awaited<Result>>, job, job);
  }

  /**
   * Calls `fn(item)` for every item; results in the order of the items (billiard: `map`). The first
   * failure rejects it at once, and chunks that have not started do not start any more.
   */
  async map<Item, Result>(
    fn: Callable<[Item], Result>,
    items: Items<Item>,
    options: MapOptions = {},
  ): Promise<Awaited<Result>[]> {
    checkMapOptions(options, 'map()');
    // At once if possible: what the caller does next, to items or pool, comes after it.
    this.#checkOpen();
    const list = isAsyncOnly(items) ? await this.#read(items) : listOf(items, 'map()');
    return this.#map(fn, modes.each, list, options) as Promise<Awaited<Result>[]>;
  }

  /** As `map`, with the items as argument lists: `fn(...item)` (billiard: `starmap`). */
  async starmap<Args extends readonly unknown[], Result>(
    fn: Callable<Args, Result>,
    items: Items<Args>,
    options: MapOptions = {},
  ): Promise<Awaited<Result>[]> {
    checkMapOptions(options, 'starmap()');
    this.#checkOpen();
    const list = isAsyncOnly(items) ? await this.#read(items) : listOf(items, 'starmap()');
    return this.#map(fn, modes.eachSpread, list, options) as Promise<Awaited<Result>[]>;
  }

  /**
   * As `map`, with callbacks and a handle (billiard: `map_async`). An error of the iterable rejects
   * the result.
   *
   * @throws PoolClosedError @throws InvalidOption
   */
  mapAsync<Item, Result>(
    fn: Callable<[Item], Result>,
    items: Iterable<Item>,
    options: MapAsyncOptions<Awaited<Result>> = {},
  ): MapResult<Awaited<Result>> {
    return this.#mapAsync(fn, modes.each, items, options) as MapResult<Awaited<Result>>;
  }

  /** As `mapAsync`, with the items as argument lists (billiard: `starmap_async`). */
  starmapAsync<Args extends readonly unknown[], Result>(
    fn: Callable<Args, Result>,
    items: Iterable<Args>,
    options: MapAsyncOptions<Awaited<Result>> = {},
  ): MapResult<Awaited<Result>> {
    return this.#mapAsync(fn, modes.eachSpread, items, options) as MapResult<Awaited<Result>>;
  }

  /**
   * Results in the order of the items, as they come; items are taken from their source, which may
   * be endless, only as results are taken (billiard: `imap`).
   *
   * @throws PoolClosedError @throws InvalidOption
   */
  imap<Item, Result>(
    fn: Callable<[Item], Result>,
    items: Items<Item>,
    options: IterateOptions = {},
  ): JobIterator<Awaited<Result>> {
    return this.#iterate(fn, items, options, true);
  }

  /** As `imap`, in whatever order results come (billiard: `imap_unordered`). */
  imapUnordered<Item, Result>(
    fn: Callable<[Item], Result>,
    items: Items<Item>,
    options: IterateOptions = {},
  ): JobIterator<Awaited<Result>> {
    return this.#iterate(fn, items, options, false);
  }

  /**
   * No call is taken any more; those made before are done, workers replaced if need be (`close`).
   * Iterations go on as far as their results are taken.
   */
  close(): void {
    this.#isClosed = true;
    void this.#closeCrew();
  }

  /**
   * Ends all workers, SIGTERM, then SIGKILL after the grace period, and rejects all jobs that have
   * not ended with PoolTerminatedError (billiard: `terminate`, where they never end). Resolves when
   * nothing is left.
   */
  async terminate(): Promise<void> {
    this.#isClosed = true;
    for (const job of [...this.#waiting]) job.giveUp();
    this.#crew.terminate();
    await this.#crew.done();
  }

  /**
   * Resolves when all jobs have ended and nothing is left of any worker (billiard: `join`). It does
   * not wait for items that an iteration has not got to: take its results first.
   *
   * @throws Error Unless the pool was closed or terminated.
   */
  async join(): Promise<void> {
    if (!this.#isClosed) throw new Error('join() needs close() or terminate() first.');
    await this.#crew.done();
  }

  /** As `terminate`, which is what leaving a `with` block does in billiard. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  /**
   * Replaces all workers: idle ones now, busy ones after their jobs (billiard: `restart`).
   *
   * @throws InvalidOption Without the option `allowRestart`.
   */
  restart(): void {
    this.#checkOpen();
    if (this.#options.allowRestart !== true) {
      throw new InvalidOption(
        'This pool may not be restarted.',
        'Make it with allowRestart: true.',
      );
    }
    this.#crew.restart();
  }

  /** Lets `count` more workers run (billiard: `grow`). @throws InvalidOption */
  grow(count = 1): void {
    this.#checkOpen();
    whole(count, 'count of grow()', 1);
    this.#slots.resize(count);
    this.#crew.resize(this.#crew.size + count);
  }

  /**
   * Lets `count` fewer workers run; only idle ones end (billiard: `shrink`).
   *
   * @throws RangeError If fewer are idle, or none would be left; then nothing changes.
   */
  shrink(count = 1): void {
    this.#checkOpen();
    whole(count, 'count of shrink()', 1);
    const { size, busyCount } = this.#crew;
    const most = Math.min(size - 1, size - busyCount);
    if (count > most) {
      throw new RangeError(
        `shrink(${count}) is too much: ${size} workers, ${busyCount} of them busy.`,
      );
    }
    this.#slots.resize(-count);
    this.#crew.resize(size - count);
  }

  /**
   * Ends whatever the worker `pid` runs, which rejects with Terminated (billiard:
   * `terminate_job`). Returns whether there is such a worker.
   *
   * @throws InvalidOption For what is no name of a signal.
   */
  terminateJob(pid: number, signal: NodeJS.Signals = 'SIGTERM'): boolean {
    checkSignal(signal);
    return this.#crew.terminateWorker(pid, signal);
  }

  /** Replaces dead workers; happens by itself, so that calling it changes nothing (`maintain_pool`). */
  maintain(): void {
    this.#crew.resize(this.#crew.size);
  }

  /** Starts all workers now; resolves when each is ready or has failed (new). */
  async warmUp(): Promise<void> {
    this.#checkOpen();
    await this.#crew.warmUp();
  }

  /** Whether no worker has ended other than it was to (billiard: `did_start_ok`). */
  didStartOk(): boolean {
    return this.#crew.isHealthy;
  }

  /** How many cores this process may use (billiard: `cpu_count`). */
  cpuCount(): number {
    return availableParallelism();
  }

  /** The workers that run now (instead of billiard's `process_sentinels`). */
  get workers(): readonly WorkerView[] {
    return this.#crew.workers.map(({ pid, index }) => ({ pid, index }));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new PoolClosedError();
  }

  async #map(
    fn: unknown,
    mode: Mode,
    list: readonly unknown[],
    options: MapOptions,
  ): Promise<unknown[]> {
    const job = new MapJob(this.#mapParts(fn, mode, list, options, this.#limitTraits), list);
    return job.deferred.promise;
  }

  #mapAsync(
    fn: unknown,
    mode: Mode,
    items: Iterable<unknown>,
    options: MapAsyncOptions<never>,
  ): MapResult<unknown> {
    this.#checkOpen();
    const where = mode === modes.each ? 'mapAsync()' : 'starmapAsync()';
    checkMapOptions(options, where);
    let list: readonly unknown[];
    try {
      list = listOf(items, where);
    } catch (error) {
      return new MapResult(failed(error, options), noControl);
    }
    const traits = { ...this.#limitTraits, isExclusive: true };
    const parts = this.#mapParts(fn, mode, list, options, traits);
    const ended = (settlement: Settlement): ReturnType<typeof tell> => tell(settlement, options);
    const job = new MapJob({ ...parts, ended }, list);
    return new MapResult(job.deferred, job);
  }

  #mapParts(
    fn: unknown,
    mode: Mode,
    list: readonly unknown[],
    options: MapOptions,
    limits: JobTraits | undefined,
  ): ConstructorParameters<typeof MapJob>[0] {
    const { hardLimitMs, softLimitMs } = limits ?? {};
    const isLimited = hardLimitMs !== undefined || softLimitMs !== undefined;
    const byLength = isLimited ? 1 : defaultChunkSize(list.length, this.#crew.size);
    const { chunkSize = byLength } = options;
    const traits = limits ?? { isExclusive: false };
    return { crew: this.#crew, fn: knownFunction(fn), mode, chunkSize, traits };
  }

  #iterate<Result>(
    fn: unknown,
    items: Items<unknown>,
    options: IterateOptions,
    isOrdered: boolean,
  ): JobIterator<Result> {
    this.#checkOpen();
    const where = isOrdered ? 'imap()' : 'imapUnordered()';
    checkIterateOptions(options, where);
    const { chunkSize = 1, buffer = defaultBuffer(this.#crew.size) } = options;
    const traits = this.#limitTraits ?? { isExclusive: false };
    const known = knownFunction(fn);
    return new JobIterator({
      crew: this.#crew,
      fn: known,
      source: sourceOf(items, where),
      chunkSize,
      buffer,
      isOrdered,
      traits,
    });
  }

  async #read<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
    const reading = collected(items);
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  /** Jobs that still wait for a slot or their items were submitted before, and have their turn. */
  async #closeCrew(): Promise<void> {
    while (this.#reading.size > 0) await Promise.allSettled(this.#reading);
    for (const job of this.#waiting) await job.admitted;
    this.#crew.close();
  }
}
