import { inspect } from 'node:util';

export { SoftTimeLimitExceeded } from '../model/task-ending.ts';

abstract class PoolError extends Error {
  /** The same as text that does not change. */
  abstract readonly code: string;
}

/**
 * A job ran past its hard limit and its process group was ended (billiard: `TimeLimitExceeded`).
 */
export class TimeLimitExceeded extends PoolError {
  override readonly name = 'TimeLimitExceeded';
  readonly code = 'time-limit-exceeded';
  /** Milliseconds from the start of the job. */
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`The job ran for more than ${limitMs} ms.`);
    this.limitMs = limitMs;
  }
}

/** How a worker went away. */
export interface LostWorker {
  readonly pid: number | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
  readonly jobId: number | undefined;
}

/**
 * The worker died while it ran the job: killed, crashed, or `process.exit()` was called (billiard:
 * `WorkerLostError`). Only the job that was running is lost; others of that worker run elsewhere.
 */
export class WorkerLostError extends PoolError implements LostWorker {
  override readonly name = 'WorkerLostError';
  readonly code = 'worker-lost';
  readonly pid: number | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  readonly jobId: number | undefined;

  constructor(lost: LostWorker) {
    const tail = lost.stderr.trimEnd();
    const job = lost.jobId === undefined ? '' : ` while it ran job ${lost.jobId}`;
    super(`Worker ${lost.pid ?? ''} ${howItEnded(lost)}${job}.${tail === '' ? '' : `\n${tail}`}`);
    this.pid = lost.pid;
    this.exitCode = lost.exitCode;
    this.signal = lost.signal;
    this.stderr = lost.stderr;
    this.jobId = lost.jobId;
  }
}

/** `was ended by SIGKILL` or `exited with code 3`. */
export function howItEnded(end: Pick<LostWorker, 'exitCode' | 'signal'>): string {
  if (end.signal !== null) return `was ended by ${end.signal}`;
  return end.exitCode === null ? 'could not be started' : `exited with code ${end.exitCode}`;
}

/** The job was ended by `terminate(signal)` or `terminateJob(pid)` (billiard: `Terminated`). */
export class Terminated extends PoolError {
  override readonly name = 'Terminated';
  readonly code = 'terminated';
  readonly signal: string;

  constructor(signal: string) {
    super(`The job was ended by ${signal}.`);
    this.signal = signal;
  }
}

/**
 * Workers ended too often without having taken up a job, so the pool is broken: everything waiting
 * is rejected, and so is what is submitted later. `cause` is how the last one ended (billiard:
 * `RestartFreqExceeded`, which there ends the program).
 */
export class RestartFreqExceeded extends PoolError {
  override readonly name = 'RestartFreqExceeded';
  readonly code = 'restart-freq-exceeded';

  constructor(count: number, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(`${count} workers in a row ended before they took up a job. The last one: ${what}`, {
      cause,
    });
  }
}

/**
 * Arguments, a result or a task function cannot be sent to another process (billiard:
 * `MaybeEncodingError`). Only that job fails.
 */
export class EncodingError extends PoolError {
  override readonly name = 'EncodingError';
  readonly code = 'encoding-error';
  /** Leads to what cannot be sent, such as `args[0].close`. */
  readonly path: string;

  constructor(path: string, why: string) {
    super(`${path} cannot be sent to another process: ${why}`);
    this.path = path;
  }
}

/** The pool takes no more jobs: `close()` was called (billiard returns None without a word). */
export class PoolClosedError extends PoolError {
  override readonly name = 'PoolClosedError';
  readonly code = 'pool-closed';

  constructor() {
    super('The pool is closed. Make a new one for more jobs.');
  }
}

/** The pool was terminated before the job had ended (billiard: its result never comes). */
export class PoolTerminatedError extends PoolError {
  override readonly name = 'PoolTerminatedError';
  readonly code = 'pool-terminated';

  constructor() {
    super('The pool was terminated before the job had ended.');
  }
}

/** `get`, `wait` or `next` waited for as long as they were told; the job goes on. */
export class TimeoutError extends PoolError {
  override readonly name = 'TimeoutError';
  readonly code = 'timeout';

  constructor(timeoutMs: number) {
    super(`No result within ${timeoutMs} ms. The job goes on.`);
  }
}

/** Nothing is pending in the worker any more, and the promise of the job has not settled (new). */
export class NeverCompleted extends PoolError {
  override readonly name = 'NeverCompleted';
  readonly code = 'never-completed';

  constructor() {
    super('The job waits for something that can never happen: nothing is pending in its process.');
  }
}

/** An option is unknown or has a value that is not allowed; the message says what to do. */
export class InvalidOption extends RangeError {
  override readonly name: string = 'InvalidOption';
  readonly code = 'invalid-option';

  constructor(what: string, hint: string) {
    super(`${what} ${hint}`);
  }
}

/** `option 'x' is 1, which is not allowed.` with what is. */
export function invalidValue(option: string, value: unknown, allowed: string): InvalidOption {
  return new InvalidOption(
    `The option ${option} is ${inspect(value, { depth: 1, breakLength: 60 })}.`,
    `Allowed: ${allowed}.`,
  );
}
