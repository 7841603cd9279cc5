import { type ApplyOptions, checkPropagate } from './call-options.ts';
import { checkNames } from './option-names.ts';
import { whole } from './pool-options.ts';

/** What `map` and `starmap` can be told. */
export interface MapOptions {
  /**
   * How many items go to a worker as one job. Default: so many that each worker gets four chunks;
   * 1 if the pool has limits, which hold for a chunk (billiard: `chunksize`).
   */
  readonly chunkSize?: number | undefined;
}

/** What `mapAsync` and `starmapAsync` can be told. */
export interface MapAsyncOptions<Result> extends MapOptions {
  /** Called with all results before the promise resolves (billiard: `callback`). */
  readonly callback?: ((results: Result[]) => void) | undefined;
  /** Called with the error itself before the promise rejects (billiard: `error_callback`). */
  readonly errorCallback?: ((error: unknown) => void) | undefined;
  /** As for `applyAsync`. */
  readonly callbacksPropagate?: ApplyOptions['callbacksPropagate'];
}

/** What `imap` and `imapUnordered` can be told. */
export interface IterateOptions {
  /** How many items go to a worker as one job. Default: 1 (billiard: `chunksize`). */
  readonly chunkSize?: number | undefined;
  /**
   * How many chunks are under way or have results that nobody has taken, at most. Default: 16 for
   * each worker (new; in billiard there is no bound).
   */
  readonly buffer?: number | undefined;
}

const bufferPerWorker = 16;
const chunksPerWorker = 4;

/** Throws for an unknown option or a value that is not allowed. @throws InvalidOption */
export function checkMapOptions(options: MapAsyncOptions<never>, where: string): void {
  const isAsync = where.includes('Async');
  const callbacks = ['callback', 'errorCallback', 'callbacksPropagate'];
  checkNames(options, isAsync ? ['chunkSize', ...callbacks] : ['chunkSize'], where);
  if (options.chunkSize !== undefined) whole(options.chunkSize, 'chunkSize', 1);
  for (const name of ['callback', 'errorCallback'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`The option ${name} is no function.`);
    }
  }
  checkPropagate(options.callbacksPropagate);
}

/** The same for `imap`. @throws InvalidOption */
export function checkIterateOptions(options: IterateOptions, where: string): void {
  checkNames(options, ['chunkSize', 'buffer'], where);
  if (options.chunkSize !== undefined) whole(options.chunkSize, 'chunkSize', 1);
  if (options.buffer !== undefined) whole(options.buffer, 'buffer', 1);
}

/** Four chunks for each worker, as in billiard. */
export function defaultChunkSize(itemCount: number, workerCount: number): number {
  return Math.max(1, Math.ceil(itemCount / (chunksPerWorker * workerCount)));
}

/** Enough that workers do not wait for whoever takes the results. */
export function defaultBuffer(workerCount: number): number {
  return bufferPerWorker * workerCount;
}
