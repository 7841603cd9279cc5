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
  | { readonly kind: 'ended'; readonly nonce: string; readonly outcome: TaskOutcome }
  /** An error that nobody caught came up: the process must not get another job. */
  | { readonly kind: 'spent' };

/** Whether what came from a worker can be one of its messages: user code may send anything. */
export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

/** What a worker writes to both of its streams before and after a job: between stands its output. */
export function outputMark(nonce: string): string {
  return `\u0000parproc ${nonce}\u0000`;
}
