/**
 * Where in `value` the first part is that JSON would lose or change, such as `result.files[0].at`;
 * undefined if JSON holds all of it. A plain `undefined` as the whole is no loss.
 */
export function inexactPath(value: unknown, path: string): string | undefined {
  const below = value === undefined ? undefined : lossIn(value, new Set());
  return below === undefined ? undefined : path + below;
}

/** The way to the first loss, from `value` on; empty if `value` itself is one. */
function lossIn(value: unknown, above: Set<object>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? undefined : '';
  }
  if (typeof value !== 'object' || above.has(value) || !isPlain(value)) return '';
  if (above.size >= deepest) return '';
  above.add(value);
  for (const key of Object.keys(value)) {
    const member = Object.getOwnPropertyDescriptor(value, key);
    // A getter may throw, or say something else the next time.
    const below = member !== undefined && 'value' in member ? lossIn(member.value, above) : '';
    if (below !== undefined) return (Array.isArray(value) ? `[${key}]` : `.${key}`) + below;
  }
  above.delete(value);
  return undefined;
}

/** What is nested deeper is not recorded: JSON and the search for losses would exhaust the stack. */
const deepest = 500;

/** An object of which JSON keeps everything: an array without holes or a bare object. */
function isPlain(value: object): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0 || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    return prototype === Array.prototype && Object.keys(value).length === value.length;
  }
  return prototype === Object.prototype || prototype === null;
}
