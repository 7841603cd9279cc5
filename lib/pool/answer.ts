import { serialize } from 'node:v8';
import { imageOf } from '../model/error-image.ts';
import { answers } from './records.ts';
import { unserialisablePath } from './unserialisable-path.ts';
import { encode, isExactJson } from './value-codec.ts';

/** What is written at the end of a job: a record, and bytes that belong to it. */
export type Answer =
  | string
  | { readonly id: number; readonly kind: number; readonly bytes: Uint8Array };

/** The answer of a job that returned `value`; a value that cannot be sent fails that job alone. */
export function answerOf(id: number, value: unknown): Answer {
  if (value === undefined) return `[${id},${answers.json}],\n`;
  if (Buffer.isBuffer(value) && value.length > 0) return withBytes(id, answers.buffer, value);
  try {
    const encoded = encode(value);
    if (typeof encoded === 'string') return `[${id},${answers.json},${encoded}],\n`;
    return withBytes(id, answers.bytes, encoded);
  } catch (error) {
    const path = unserialisablePath(value, 'result') ?? 'result';
    const why = error instanceof Error ? error.message : String(error);
    return `${JSON.stringify([id, answers.unsendable, path, why])},\n`;
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
    const text = parts.map((part) => JSON.stringify(part)).join(',');
    return `[${id},${answers.threw},${text}],\n`;
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
