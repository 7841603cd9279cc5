import { deserialize, serialize } from 'node:v8';
import type { ErrorImage } from '../model/error-image.ts';
import { isExactJson } from './value-codec.ts';

/** How the arguments of a job are meant: one call, one call per item, or a call with a Buffer. */
export const modes = { call: 0, each: 1, eachSpread: 2, callWithBytes: 3 } as const;

/** One of `modes`. */
export type Mode = (typeof modes)[keyof typeof modes];

/**
 * How a job ended. An answer is a line of its own, `id,kind,content,id,`: four values rather than an
 * array of them, since of these there may be very many. By the id at its end whoever finds it in the
 * log knows that it is complete.
 */
export const answers = {
  /** The content is the value. */
  json: 0,
  /** `[image, done?]`: it threw, after the results `done`. */
  threw: 1,
  /** `[length, isShared]`: the value stands in so many bytes on the other socket, or in the file. */
  bytes: 2,
  /** The same for what `threw` has. */
  threwBytes: 3,
  /** The same for a value that is a Buffer of these bytes. */
  buffer: 4,
  /** `0`: nothing is pending any more, and it has not ended. */
  stuck: 5,
  /** `[path, message]`: what it returned cannot be sent. */
  unsendable: 6,
  /** `0`: the value is undefined. */
  nothing: 7,
} as const;

/** An answer as it is written; `content` is JSON. */
export function answerText(id: number, kind: number, content: string): string {
  return `${id},${kind},${content},${id},\n`;
}

/**
 * A job as the parent sends it. With a length, the arguments stand in so many bytes on the other
 * socket, or in the shared file; whoever has taken them in puts them in their place.
 */
export type JobRecord = [
  id: number,
  fn: number,
  mode: Mode,
  args: Buffer | readonly unknown[] | null,
  length?: number,
  attempt?: number,
  flags?: number,
];

/** What the parent sends besides jobs. */
export type Order =
  /** First of all, once. */
  | readonly ['setup', rules: WorkerRules, setup: Packed]
  | readonly ['define', fn: number, definition: unknown]
  /** The job's signal is to be aborted. */
  | readonly ['abort', id: number, why: AbortReason]
  /** Jobs that have not started are to be given back. */
  | readonly ['return']
  /** The place for answers in the shared file may be used again. */
  | readonly ['free']
  /** So many bytes are being put into the shared file: room for them can be made meanwhile. */
  | readonly ['coming', length: number]
  /** The answer to what a job asked. */
  | readonly ['reply', id: number, question: number, isOk: boolean, value: Packed]
  /** To end with `code` after the hook; no job is sent after it. */
  | readonly ['end', code: number];

/** What holds for a job besides what it calls. */
export const flags = { tellsStart: 1, isShared: 2 } as const;

/** A value inside a record: as JSON, or as base64 of what v8 made of it. */
export type Packed = readonly [kind: 0, value: unknown] | readonly [kind: 1, base64: string];

/** What a worker has to know besides the program's own setup. */
export interface WorkerRules {
  /** Both streams are marked before and after each job with this, so that output finds its job. */
  readonly nonce?: string | undefined;
  /** There is a shared file. */
  readonly hasPages: boolean;
  /** Answers of short jobs may stand in the log of the shared file. */
  readonly hasLog: boolean;
  /** Memory is told after each job. */
  readonly tellsMemory: boolean;
  /** A job is answered only after a turn of the loop, so that rejections nobody handles count. */
  readonly isCareful: boolean;
}

/** Why the signal of a job is aborted. */
export type AbortReason =
  | { readonly kind: 'soft-limit'; readonly limitMs: number }
  | { readonly kind: 'cancelled' };

/** What a worker sends besides answers. */
export type Notice =
  | readonly ['ready']
  | readonly ['failed', image: ErrorImage]
  /**
   * So many jobs have come in so far. Written before the first of them starts; if there is a shared
   * file, only for jobs whose start is waited for.
   */
  | readonly ['got', count: number]
  /** The log of answers is written up to this position. */
  | readonly ['log', end: number]
  /** So many bytes are being put into the shared file: room for them can be made meanwhile. */
  | readonly ['coming', length: number]
  /** These have not started and never will here. */
  | readonly ['returned', ids: readonly number[]]
  | readonly ['ask', id: number, question: number, value: Packed]
  /** What the process holds in memory, after a job; only where the pool has a limit for it. */
  | readonly ['rss', bytes: number]
  /** An error that nobody caught came up: the process must not get another job. */
  | readonly ['spent', image: ErrorImage];

/** A record as it is written. */
export function recordText(record: Order | Notice): string {
  return `${JSON.stringify(record)},\n`;
}

/** `value` for use inside a record. @throws What v8 throws for a value that cannot be cloned. */
export function pack(value: unknown): Packed {
  return isExactJson(value, 0) ? [0, value] : [1, serialize(value).toString('base64')];
}

/** What `pack` was given. */
export function unpack([kind, value]: Packed): unknown {
  return kind === 0 ? value : deserialize(Buffer.from(value, 'base64'));
}

/** What stands on both streams of a worker before and after a job whose output is wanted. */
export function streamMark(nonce: string, id: number, edge: 'begin' | 'end'): string {
  return `\u0000parproc ${nonce} ${id} ${edge}\u0000`;
}
