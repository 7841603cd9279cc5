import { serialize } from 'node:v8';

const maxDepth = 100;

/**
 * Where in `value` the part is that cannot be sent to another process, such as
 * `result.files[0].close`; undefined if all of it can. `v8.serialize` is a little stricter than the
 * channel between processes, which takes handles of the system apart into plain objects.
 */
export function unserialisablePath(value: unknown, path: string): string | undefined {
  if (canSend(value)) return undefined;
  return culprit(value, path, new Set()) ?? path;
}

/**
 * The first part that is itself to blame; undefined if there is none here that has not been `seen`,
 * since `value` leads back to what is around it.
 */
function culprit(value: unknown, path: string, seen: Set<unknown>, depth = 0): string | undefined {
  if (depth === maxDepth) return path;
  seen.add(value);
  let isToBlame = true;
  for (const [step, read] of membersOf(value)) {
    let member: unknown;
    try {
      member = read();
    } catch {
      return path + step;
    }
    if (canSend(member)) continue;
    isToBlame = false;
    if (seen.has(member)) continue;
    const found = culprit(member, path + step, seen, depth + 1);
    if (found !== undefined) return found;
  }
  return isToBlame ? path : undefined;
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
    for (const [key, member] of value) {
      yield ['.keys()', () => key as unknown];
      yield [`.get(${keyText(key)})`, () => member as unknown];
    }
    return;
  }
  if (value instanceof Set) {
    for (const member of value) yield ['.values()', () => member as unknown];
    return;
  }
  for (const key of Object.keys(value)) {
    yield [stepTo(key, Array.isArray(value)), () => Reflect.get(value, key) as unknown];
  }
}

function keyText(key: unknown): string {
  return typeof key === 'object' ? '…' : String(key);
}

function stepTo(key: string, isIndex: boolean): string {
  if (isIndex) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
