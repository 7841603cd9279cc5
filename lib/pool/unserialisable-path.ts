import { serialize } from 'node:v8';

/**
 * Where in `value` the part is that cannot be sent to another process, such as
 * `result.files[0].close`; undefined if all of it can.
 */
export function unserialisablePath(value: unknown, path: string): string | undefined {
  if (canSend(value)) return undefined;
  for (const [key, read] of membersOf(value)) {
    const inner = path + key;
    let member: unknown;
    try {
      member = read();
    } catch {
      return inner;
    }
    const found = unserialisablePath(member, inner);
    if (found !== undefined) return found;
  }
  return path;
}

function canSend(value: unknown): boolean {
  try {
    serialize(value);
    return true;
  } catch {
    return false;
  }
}

function* membersOf(value: unknown): Iterable<[string, () => unknown]> {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Map) {
    for (const [key, member] of value) yield [`.get(${String(key)})`, () => member as unknown];
    return;
  }
  if (value instanceof Set) {
    for (const member of value) yield ['.values()', () => member as unknown];
    return;
  }
  for (const key of Object.keys(value)) {
    const step = Array.isArray(value) ? `[${key}]` : `.${key}`;
    yield [step, () => Reflect.get(value, key) as unknown];
  }
}
