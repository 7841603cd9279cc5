import type { TaskOutcome } from './failure.ts';

/** Thrown by an action: the task has failed, and the message says it all (parproc: `ProcFailedError`). */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError';
}

/** Thrown by an action: there was nothing to do (parproc: `ProcSkippedError`). */
export class TaskSkippedError extends Error {
  override readonly name = 'TaskSkippedError';
}

/** Thrown by an action: what it made is what was there before (parproc: `ProcNoChangeError`). */
export class NoChangeError extends Error {
  override readonly name = 'NoChangeError';

  constructor() {
    super('Nothing has changed.');
  }
}

/**
 * The reason of `ctx.signal`, or of `currentJob().signal` in a pool, once the soft time limit has
 * passed (billiard: `SoftTimeLimitExceeded`, which is raised inside the job). What throws it on
 * fails with it.
 */
export class SoftTimeLimitExceeded extends Error {
  override readonly name = 'SoftTimeLimitExceeded';
  readonly code = 'soft-time-limit-exceeded';
  /** Milliseconds from the start. */
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`The soft time limit of ${limitMs} ms has passed.`);
    this.limitMs = limitMs;
    // Where a timer of ours has fired says nothing to anybody.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** What an action that threw one of these has come to; by name, since classes may be loaded twice. */
export function endingOf(thrown: unknown): TaskOutcome | undefined {
  if (!(thrown instanceof Error)) return undefined;
  switch (thrown.name) {
    case 'TaskFailedError':
      return { kind: 'failed', failure: { reason: 'declared', message: thrown.message.trim() } };
    case 'TaskSkippedError':
      return {
        kind: 'skipped',
        why: 'skip',
        ...(thrown.message !== '' && { reason: thrown.message }),
      };
    case 'NoChangeError':
      return { kind: 'skipped', why: 'no-change' };
    default:
      return undefined;
  }
}
