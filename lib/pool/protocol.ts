import type { ErrorImage } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';
import type { TaskRequest, WorkerSetup } from './task-pool.ts';

/** What the parent sends to a worker. */
export type ToWorker =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  /** `nonce` marks everything that belongs to this job, so that user code cannot answer by accident. */
  | { readonly kind: 'run'; readonly nonce: string; readonly request: TaskRequest };

/** What a worker sends back. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start-failed'; readonly error: ErrorImage }
  | {
      readonly kind: 'ended';
      readonly nonce: string;
      readonly outcome: TaskOutcome;
      /** The job ended before its work did: the process must not get another one. */
      readonly isSpent: boolean;
    };

/** What a worker writes to both of its streams when a job has ended: no output of it comes later. */
export function endMark(nonce: string): string {
  return `\u0000parproc ${nonce}\u0000`;
}
