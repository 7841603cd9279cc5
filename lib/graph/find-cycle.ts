/**
 * Some cycle that can be reached from `starts`, as a path that ends where it begins, or undefined.
 * Needs no recursion, so the depth of the graph is not limited.
 */
export function findCycle(
  starts: readonly string[],
  depsOf: (name: string) => readonly string[],
): string[] | undefined {
  const done = new Set<string>();
  for (const start of starts) {
    const cycle = done.has(start) ? undefined : searchFrom(start, depsOf, done);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function searchFrom(
  start: string,
  depsOf: (name: string) => readonly string[],
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
