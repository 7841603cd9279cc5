import { constants } from 'node:os';
import { type Duration, spanOf } from '../model/duration.ts';
import { checkNames } from './option-names.ts';
import { invalidValue } from './pool-errors.ts';

/** Limits of a job in milliseconds. */
export interface Limits {
  readonly softMs: number | undefined;
  readonly hardMs: number | undefined;
}

/** A class of errors. */
type ErrorClass = abstract new (...args: never[]) => Error;

/** What `applyAsync` can be told about one call. All is optional. */
export interface ApplyOptions<Result = unknown> {
  /** Called with the result before the promise resolves (billiard: `callback`). */
  readonly callback?: ((result: Result) => void) | undefined;
  /** Called with the error itself before the promise rejects (billiard: `error_callback`). */
  readonly errorCallback?: ((error: unknown) => void) | undefined;
  /** The worker has taken it up: its pid, and when in ms since 1970 (billiard: `accept_callback`). */
  readonly acceptCallback?: ((pid: number, at: number) => void) | undefined;
  /** A limit has passed (billiard: `timeout_callback`). */
  readonly timeoutCallback?: ((isSoft: boolean, limitMs: number) => void) | undefined;
  /** Queued only when a slot is free: `await result.admitted` (billiard: `waitforslot`). */
  readonly waitForSlot?: boolean | undefined;
  /** Instead of that of the pool; 0 for none (billiard: `timeout`). */
  readonly timeout?: Duration | 0 | undefined;
  /** Instead of that of the pool; 0 for none (billiard: `soft_timeout`). */
  readonly softTimeout?: Duration | 0 | undefined;
  /** Instead of that of the pool (billiard: `lost_worker_timeout`). */
  readonly lostWorkerTimeout?: Duration | 0 | undefined;
  /**
   * Classes of errors of callbacks that fail the result. Other errors of callbacks become warnings
   * of the process (billiard: `callbacks_propagate`, which there ends the program).
   */
  readonly callbacksPropagate?: readonly ErrorClass[] | undefined;
  /** Kept at the result, for the caller (billiard: `correlation_id`). */
  readonly correlationId?: string | undefined;
  /**
   * Cancels the job: it does not start any more, or its own signal is aborted and its worker ended
   * after `killGrace`. The result rejects with the signal's reason (new).
   */
  readonly signal?: AbortSignal | undefined;
}

const known = [
  'callback',
  'errorCallback',
  'acceptCallback',
  'timeoutCallback',
  'waitForSlot',
  'timeout',
  'softTimeout',
  'lostWorkerTimeout',
  'callbacksPropagate',
  'correlationId',
  'signal',
] as const satisfies readonly (keyof ApplyOptions)[];

const callbacks = ['callback', 'errorCallback', 'acceptCallback', 'timeoutCallback'] as const;

/**
 * Checks the options of one call.
 *
 * @throws InvalidOption @throws TypeError For a callback that is no function.
 */
export function checkApplyOptions(options: ApplyOptions<never>): void {
  checkNames(options, known, 'applyAsync()');
  for (const name of callbacks) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'function') {
      throw new TypeError(`The option ${name} is no function.`);
    }
  }
  const { signal, callbacksPropagate, waitForSlot } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidValue('signal', signal, 'an AbortSignal');
  }
  checkPropagate(callbacksPropagate);
  if (waitForSlot !== undefined && typeof waitForSlot !== 'boolean') {
    throw invalidValue('waitForSlot', waitForSlot, 'true or false');
  }
}

/** @throws InvalidOption For anything but classes: what is none breaks `instanceof`. */
export function checkPropagate(classes: unknown): void {
  if (classes === undefined) return;
  const isClass = (each: unknown): boolean =>
    typeof each === 'function' && typeof each.prototype === 'object';
  if (!Array.isArray(classes) || !classes.every(isClass))
    throw invalidValue('callbacksPropagate', classes, 'an array of error classes');
}

/** @throws InvalidOption For what is no name of a signal. */
export function checkSignal(signal: unknown): void {
  if (typeof signal === 'string' && Object.hasOwn(constants.signals, signal)) return;
  throw invalidValue('signal', signal, "the name of a signal such as 'SIGTERM'");
}

/** The limits that hold: those of the call, or else of the pool. 0 means none. */
export function callLimits(
  options: Pick<ApplyOptions, 'timeout' | 'softTimeout'>,
  pool: Partial<Limits>,
): Limits {
  const { timeout, softTimeout } = options;
  return {
    softMs: softTimeout === undefined ? pool.softMs : spanOrNone(softTimeout, 'softTimeout'),
    hardMs: timeout === undefined ? pool.hardMs : spanOrNone(timeout, 'timeout'),
  };
}

/**
 * Milliseconds, or undefined for 0.
 *
 * @throws InvalidOption
 */
export function spanOrNone(duration: unknown, option: string): number | undefined {
  if (duration === 0) return undefined;
  const ms = spanOf(duration);
  if (ms !== undefined) return ms;
  throw invalidValue(option, duration, "milliseconds, text such as '30s' or '5m', or 0");
}
