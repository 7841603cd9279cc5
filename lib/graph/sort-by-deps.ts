/** Names with their deps in front of them, or a cycle, as a path that ends where it begins. */
export type Sorted =
  | { readonly kind: 'sorted'; readonly names: readonly string[] }
  | { readonly kind: 'cycle'; readonly path: readonly string[] };

/**
 * Everything that `starts` need, themselves included, in an order in which it could be done. Needs
 * no recursion, so the depth of the graph is not limited.
 */
export function sortByDeps(
  starts: Iterable<string>,
  depsOf: (name: string) => Iterable<string>,
): Sorted {
  const done = new Set<string>();
  for (const start of starts) {
    const path = done.has(start) ? undefined : searchFrom(start, depsOf, done);
    if (path !== undefined) return { kind: 'cycle', path };
  }
  return { kind: 'sorted', names: [...done] };
}

function searchFrom(
  start: string,
  depsOf: (name: string) => Iterable<string>,
  done: Set<string>,
): string[] | undefined {
  const path = [start];
  const positions = new Map([[start, 0]]);
  const pending = [depsOf(start)[Symbol.iterator]()];
  for (let deps = pending.at(-1); deps !== undefined; deps = pending.at(-1)) {
    const next = deps.next();
    if (next.done === true) {
      pending.pop();
      const finished = path.pop();
      if (finished !== undefined) {
        done.add(finished);
        positions.delete(finished);
      }
      continue;
    }
    const position = positions.get(next.value);
    if (position !== undefined) return [...path.slice(position), next.value];
    if (done.has(next.value)) continue;
    positions.set(next.value, path.length);
    path.push(next.value);
    pending.push(depsOf(next.value)[Symbol.iterator]());
  }
  return undefined;
}
