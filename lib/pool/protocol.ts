import type { ErrorImage } from '../model/error-image.ts';
import type { NestedCall } from '../model/nested-call.ts';
import type { TaskReport, TaskRequest, WorkerSetup } from './task-pool.ts';

/** What the parent sends to a worker. */
export type ToWorker =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  /** `nonce` marks everything that belongs to this job, so that user code cannot answer by accident. */
  | { readonly kind: 'run'; readonly nonce: string; readonly request: TaskRequest }
  /** The soft time limit has passed. */
  | { readonly kind: 'late'; readonly nonce: string; readonly limitMs: number }
  | {
      readonly kind: 'answer';
      readonly nonce: string;
      readonly id: number;
      readonly answer: Answer;
    };

/** What came of a call. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: ErrorImage };

/** What a worker sends back. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start-failed'; readonly error: ErrorImage }
  | { readonly kind: 'ended'; readonly nonce: string; readonly report: TaskReport }
  | {
      readonly kind: 'call';
      readonly nonce: string;
      readonly id: number;
      readonly call: NestedCall;
    }
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
