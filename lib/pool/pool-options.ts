import { availableParallelism } from 'node:os';
import type { Duration } from '../model/duration.ts';
import { callLimits, type Limits, spanOrNone } from './call-options.ts';
import { type Callable, knownFunction } from './function-ref.ts';
import type { WorkerView } from './job.ts';
import { checkNames } from './option-names.ts';
import { invalidValue } from './pool-errors.ts';

/** Admits jobs (billiard: `semaphore`). Acquired before a job is queued, released when it ends. */
export interface Semaphore {
  acquire(): Promise<void> | void;
  release(): void;
}

/** A worker that has ended. */
export interface EndedWorker extends WorkerView {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A job as hooks see it. */
export interface JobView {
  readonly id: number;
  readonly correlationId: string | undefined;
}

/** A function for the workers themselves, besides the jobs. */
type Hook = Callable<never[], unknown>;

/** What `new Pool(options)` can be told. All is optional. */
export interface PoolOptions {
  /** How many workers there are at most. Default: the available cores (billiard: `processes`). */
  readonly processes?: number | undefined;
  /** Called in each worker before its first job, and awaited (billiard: `initializer`). */
  readonly initializer?: Hook | undefined;
  /** Arguments of `initializer` (billiard: `initargs`). */
  readonly initArgs?: readonly unknown[] | undefined;
  /** A worker is replaced after so many jobs; a chunk is one job (billiard: `maxtasksperchild`). */
  readonly maxTasksPerChild?: number | undefined;
  /**
   * A worker that holds more memory after a job is replaced: bytes, or text such as '500mb'.
   * Jobs are not sent ahead then (billiard: `max_memory_per_child`, in KiB).
   */
  readonly maxMemoryPerChild?: number | string | undefined;
  /** Hard limit of each job, from its start; its group is ended then (billiard: `timeout`). */
  readonly timeout?: Duration | 0 | undefined;
  /** Then `currentJob().signal` is aborted (billiard: `soft_timeout`). */
  readonly softTimeout?: Duration | 0 | undefined;
  /**
   * How long what a dead worker has still sent is waited for at most. Hardly ever takes any time.
   * Default: 500 ms (billiard: `lost_worker_timeout`, always waited for).
   */
  readonly lostWorkerTimeout?: Duration | 0 | undefined;
  /**
   * So many workers may end within `maxRestartFreq` without having taken a job, and so many in a
   * row may fail to start; one more breaks the pool. Default: only the second, 2 (billiard:
   * `max_restarts`).
   */
  readonly maxRestarts?: number | undefined;
  /** Default: one second (billiard: `max_restart_freq`). */
  readonly maxRestartFreq?: Duration | undefined;
  /** Whether `restart()` may be called (billiard: `allow_restart`). */
  readonly allowRestart?: boolean | undefined;
  /** Whether jobs of `applyAsync` are queued only when a slot is free (billiard: `putlocks`). */
  readonly putLocks?: boolean | undefined;
  /** Instead of the pool's own, which has as many slots as there are processes. */
  readonly semaphore?: Semaphore | undefined;
  /** A worker was started (billiard: `on_process_up`). */
  readonly onProcessUp?: ((worker: WorkerView) => void) | undefined;
  /** Nothing is left of a worker (billiard: `on_process_down`). */
  readonly onProcessDown?: ((worker: EndedWorker) => void) | undefined;
  /** Called in the worker with its pid and exit code before it ends (billiard: `on_process_exit`). */
  readonly onProcessExit?: Callable<[pid: number, exitCode: number], unknown> | undefined;
  /** A job with a limit has started; limits in milliseconds (billiard: `on_timeout_set`). */
  readonly onTimeoutSet?:
    | ((job: JobView, softMs: number | undefined, hardMs: number | undefined) => void)
    | undefined;
  /** That job has ended (billiard: `on_timeout_cancel`). */
  readonly onTimeoutCancel?: ((job: JobView) => void) | undefined;
  /** Between SIGTERM and SIGKILL, and for workers that end in order. Default: 1 second (new). */
  readonly killGrace?: Duration | undefined;
  /** How many short jobs a worker is sent ahead at most. Default: 256; 1 turns it off (new). */
  readonly prefetch?: number | undefined;
  /** Environment of the workers. Default: that of this process when the pool is made (new). */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node's flags for the workers. Default: those of this process; see `buildFlags` (new). */
  readonly execArgv?: readonly string[] | undefined;
}

/** Options with every default in place. */
export interface PoolSettings {
  readonly processes: number;
  readonly maxTasks: number | undefined;
  readonly maxMemory: number | undefined;
  readonly limits: Limits;
  readonly drainMs: number;
  readonly killGraceMs: number;
  readonly prefetch: number;
  readonly maxStartFailures: number;
  readonly restarts: { readonly max: number; readonly windowMs: number } | undefined;
}

const known = [
  'processes',
  'initializer',
  'initArgs',
  'maxTasksPerChild',
  'maxMemoryPerChild',
  'timeout',
  'softTimeout',
  'lostWorkerTimeout',
  'maxRestarts',
  'maxRestartFreq',
  'allowRestart',
  'putLocks',
  'semaphore',
  'onProcessUp',
  'onProcessDown',
  'onProcessExit',
  'onTimeoutSet',
  'onTimeoutCancel',
  'killGrace',
  'prefetch',
  'env',
  'execArgv',
] as const satisfies readonly (keyof PoolOptions)[];

const hooks = ['onProcessUp', 'onProcessDown', 'onTimeoutSet', 'onTimeoutCancel'] as const;
const defaultStartFailures = 2;

/**
 * The settings that `options` come to.
 *
 * @throws InvalidOption For an unknown option or a value that is not allowed.
 * @throws TypeError For a hook that is no function.
 */
export function poolSettings(options: PoolOptions): PoolSettings {
  checkNames(options, known, 'Pool');
  checkKinds(options);
  const { processes = availableParallelism(), maxRestarts, prefetch = 256 } = options;
  const windowMs = spanOrNone(options.maxRestartFreq ?? 1000, 'maxRestartFreq');
  if (windowMs === undefined) throw invalidValue('maxRestartFreq', 0, 'a time above 0');
  const killGraceMs = spanOrNone(options.killGrace ?? 1000, 'killGrace');
  if (killGraceMs === undefined) throw invalidValue('killGrace', 0, 'a time above 0');
  if (maxRestarts !== undefined) whole(maxRestarts, 'maxRestarts', 0);
  const maxMemory = bytesOf(options.maxMemoryPerChild);
  return {
    processes: whole(processes, 'processes', 1),
    maxTasks:
      options.maxTasksPerChild === undefined
        ? undefined
        : whole(options.maxTasksPerChild, 'maxTasksPerChild', 1),
    maxMemory,
    limits: callLimits(options, {}),
    drainMs: spanOrNone(options.lostWorkerTimeout ?? 500, 'lostWorkerTimeout') ?? 0,
    killGraceMs,
    prefetch: maxMemory === undefined ? whole(prefetch, 'prefetch', 1) : 1,
    maxStartFailures: maxRestarts ?? defaultStartFailures,
    restarts: maxRestarts === undefined ? undefined : { max: maxRestarts, windowMs },
  };
}

function checkKinds(options: PoolOptions): void {
  for (const name of ['initializer', 'onProcessExit'] as const) {
    if (options[name] !== undefined) knownFunction(options[name], `The option ${name}`);
  }
  for (const name of hooks) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`The option ${name} is no function.`);
    }
  }
  for (const name of ['allowRestart', 'putLocks'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw invalidValue(name, value, 'true or false');
    }
  }
  for (const name of ['initArgs', 'execArgv'] as const) {
    const value = options[name];
    if (value !== undefined && !Array.isArray(value)) throw invalidValue(name, value, 'an array');
  }
  if (options.execArgv?.some((flag) => typeof flag !== 'string')) {
    throw invalidValue('execArgv', options.execArgv, 'an array of strings');
  }
  const { semaphore, env } = options;
  if (env !== undefined && (typeof env !== 'object' || env === null)) {
    throw invalidValue('env', env, 'an object of strings');
  }
  if (semaphore === undefined) return;
  if (typeof semaphore.acquire !== 'function' || typeof semaphore.release !== 'function') {
    throw invalidValue('semaphore', semaphore, 'an object with acquire() and release()');
  }
}

/** `value` if it is a whole number from `least` on. */
export function whole(value: unknown, option: string, least: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw invalidValue(option, value, `a whole number from ${least} on`);
}

const units = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;

function bytesOf(size: unknown): number | undefined {
  if (size === undefined) return undefined;
  if (typeof size === 'number' && Number.isFinite(size) && size > 0) return size;
  const text = typeof size === 'string' ? size.trim().toLowerCase() : '';
  const [, count, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * units[unit as keyof typeof units];
  throw invalidValue('maxMemoryPerChild', size, "bytes, or text such as '500mb'");
}
