import { deserialize, serialize } from 'node:v8';
import { unreachable } from '../base/unreachable.ts';

/** A value on its way: text that JSON can hold exactly, or bytes by v8 for everything else. */
export type Encoded = string | Buffer;

const maxDepth = 32;
/** A string of more characters is quicker as bytes, which are neither escaped nor parsed. */
const maxStringLength = 1 << 15;
/** Longer text would come near to the greatest length that any text may have. */
const maxTextLength = 1 << 28;
/** Beyond this, looking for properties besides the elements costs more than v8 does. */
const maxCheckedLength = 32;

/**
 * `value` as JSON where that loses nothing, else as v8 has it (undefined, NaN, -0, big integers,
 * maps, sets, dates, typed arrays, circles).
 *
 * @throws What v8 throws for a value that cannot be cloned, such as a function.
 */
export function encode(value: unknown): Encoded {
  return isExactJson(value, 0) ? textOrBytes(value) : serialize(value);
}

/** The same for a list of arguments, of which only the elements count. */
export function encodeList(values: readonly unknown[]): Encoded {
  for (let at = 0; at < values.length; at++) {
    if (!isExactJson(values[at], 0)) return serialize(values);
  }
  return textOrBytes(values);
}

function textOrBytes(value: unknown): Encoded {
  if (isLongString(value)) return serialize(value);
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // It would be longer than any text may be.
    if (error instanceof RangeError) return serialize(value);
    throw error;
  }
  return text.length > maxTextLength ? serialize(value) : text;
}

function isLongString(value: unknown): boolean {
  if (typeof value === 'string') return value.length > maxStringLength;
  return Array.isArray(value) && value.length === 1 && isLongString(value[0]);
}

/** What `encode` made bytes of. Strings need no decoding: they stand inside a record. */
export function decodeBytes(bytes: Buffer): unknown {
  return deserialize(bytes) as unknown;
}

/** Whether JSON gives back exactly `value`. */
export function isExactJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      if (value === null) return true;
      return depth < maxDepth && isExactObject(value, depth + 1);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      return false;
    default:
      return unreachable(typeof value as never);
  }
}

function isExactObject(value: object, depth: number): boolean {
  if (Array.isArray(value)) return isExactArray(value, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    const member: unknown = (value as Record<string, unknown>)[key];
    // A `toJSON` is a function, so it ends here too.
    if (!isExactJson(member, depth)) return false;
  }
  return true;
}

function isExactArray(value: readonly unknown[], depth: number): boolean {
  const { length } = value;
  // Holes read as undefined, which JSON does not know either.
  for (let index = 0; index < length; index++) {
    if (!isExactJson(value[index], depth)) return false;
  }
  if (Object.getPrototypeOf(value) !== Array.prototype) return false;
  return length > maxCheckedLength || Object.keys(value).length === length;
}
