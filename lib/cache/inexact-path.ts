/**
 * Where in `value` the first part is that JSON would lose or change, such as `result.files[0].at`;
 * undefined if JSON holds all of it. A plain `undefined` as the whole is no loss.
 */
export function inexactPath(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : search(value, path, new Set());
}

function search(value: unknown, path: string, above: Set<object>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? undefined : path;
  }
  if (typeof value !== 'object' || above.has(value) || !isPlain(value)) return path;
  above.add(value);
  for (const key of Object.keys(value)) {
    const step = Array.isArray(value) ? `[${key}]` : `.${key}`;
    const found = search(Reflect.get(value, key), path + step, above);
    if (found !== undefined) return found;
  }
  above.delete(value);
  return undefined;
}

/** An object of which JSON keeps everything: an array without holes or a bare object. */
function isPlain(value: object): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0 || 'toJSON' in value) return false;
  if (Array.isArray(value)) return Object.keys(value).length === value.length;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
