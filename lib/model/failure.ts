import type { ErrorImage } from './error-image.ts';
import type { ReadyWhen } from './service.ts';

/** Why a task failed: a value, an ordinary outcome, never thrown from folder to folder. */
export type TaskFailure =
  | { readonly reason: 'threw'; readonly error: ErrorImage }
  /** The task said itself that it has failed (`ctx.fail()`, `TaskFailedError`). */
  | { readonly reason: 'declared'; readonly message: string }
  /** A dep that nothing stands for (`allowMissingDeps`). */
  | { readonly reason: 'missing' }
  | { readonly reason: 'timed-out'; readonly limitMs: number }
  /** The process ended while the task ran: killed, crashed, or `process.exit()` was called. */
  | { readonly reason: 'lost'; readonly exitCode: number | null; readonly signal: string | null }
  /**
   * A service has not become ready. `limit`: in the time that it has. `ended`: it came to its end
   * before. `port-taken`: another process listened at its port before it was started.
   */
  | {
      readonly reason: 'not-ready';
      readonly readyWhen: ReadyWhen;
      readonly why: 'limit' | 'ended' | 'port-taken';
      /** Present for `limit`. */
      readonly limitMs?: number;
    }
  /** Nothing is pending any more and the task has not said that it is done. */
  | { readonly reason: 'never-completed' }
  | { readonly reason: 'outputs-missing'; readonly paths: readonly string[] }
  /** They were there, and older than `output()` allows. */
  | { readonly reason: 'outputs-too-old'; readonly paths: readonly string[] }
  /** `path` leads to the field of the result that cannot be sent, such as `result.files[0].close`. */
  | { readonly reason: 'not-serialisable'; readonly path: string; readonly message: string }
  /** The worker imported `files` and found no such task in them. */
  | { readonly reason: 'not-in-worker'; readonly files: readonly string[] }
  /** No worker could be made ready: the user's file threw on import, or ended the process. */
  | {
      readonly reason: 'worker-start-failed';
      readonly error?: ErrorImage;
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** The end of what the worker wrote to stderr. */
      readonly stderr: string;
    };

/** `skip`: it did nothing (`ctx.skip()`). `no-change`: what it made is what was there before. */
export type SkipKind = 'skip' | 'no-change';

/** How the execution of one task ended, seen from where it ran. */
export type TaskOutcome =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  /** The task said that there was nothing to do, or that nothing has changed. */
  | { readonly kind: 'skipped'; readonly why: SkipKind; readonly reason?: string }
  | { readonly kind: 'failed'; readonly failure: TaskFailure }
  | { readonly kind: 'cancelled' };
