import { serialize } from 'node:v8';
import { imageOf } from '../model/error-image.ts';
import { answers, answerText } from './records.ts';
import { unserialisablePath } from './unserialisable-path.ts';
import { encode, isExactJson } from './value-codec.ts';

/** What is written at the end of a job: a text, or bytes that a text announces. */
export type Answer =
  | string
  | { readonly id: number; readonly kind: number; readonly bytes: Uint8Array };

/** The answer of a job that returned `value`; a value that cannot be sent fails that job alone. */
export function answerOf(id: number, value: unknown): Answer {
  if (value === undefined) return answerText(id, answers.nothing, '0');
  if (Buffer.isBuffer(value) && value.length > 0) return withBytes(id, answers.buffer, value);
  try {
    const encoded = encode(value);
    if (typeof encoded === 'string') return answerText(id, answers.json, encoded);
    return withBytes(id, answers.bytes, encoded);
  } catch (error) {
    const path = unserialisablePath(value, 'result') ?? 'result';
    const why = error instanceof Error ? error.message : String(error);
    return answerText(id, answers.unsendable, JSON.stringify([path, why]));
  }
}

/**
 * The answer of a job that threw.
 *
 * @param done The results of the items before, if the job had several.
 */
export function failureAnswer(id: number, error: unknown, done: readonly unknown[]): Answer {
  const image = imageOf(error);
  const parts = done.length === 0 ? [image] : [image, sendable(done)];
  if (isExactJson(parts, 0)) {
    return answerText(id, answers.threw, JSON.stringify(parts));
  }
  return withBytes(id, answers.threwBytes, serialize(parts));
}

/** Results before one that cannot be sent. */
function sendable(done: readonly unknown[]): readonly unknown[] {
  const end = done.findIndex((value) => unserialisablePath(value, '') !== undefined);
  return end === -1 ? done : done.slice(0, end);
}

function withBytes(id: number, kind: number, bytes: Uint8Array): Answer {
  return { id, kind, bytes };
}
