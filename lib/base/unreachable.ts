/** Marks a case that the types rule out; reached only if we are wrong. */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected value ${JSON.stringify(value)}`);
}
