/** What can be sorted: a name, its deps, and how far the sorting has got with it. */
export interface Sortable {
  readonly name: string;
  readonly deps: readonly string[];
  visit: 'new' | 'open' | 'done';
}

/** Everything with its deps in front of it, or a cycle, as a path that ends where it begins. */
export type Sorted<T> =
  | { readonly kind: 'sorted'; readonly order: readonly T[] }
  | { readonly kind: 'cycle'; readonly path: readonly string[] };

/**
 * Everything that `starts` need, themselves included, in an order in which it could be done. Needs
 * no recursion, so the depth of the graph is not limited.
 *
 * @param find Undefined for what need not be looked at.
 */
export function sortByDeps<T extends Sortable>(
  starts: Iterable<T>,
  find: (name: string) => T | undefined,
): Sorted<T> {
  const order: T[] = [];
  const path: T[] = [];
  const cursors: number[] = [];
  const enter = (node: T): void => {
    node.visit = 'open';
    path.push(node);
    cursors.push(0);
  };
  for (const start of starts) {
    if (start.visit === 'new') enter(start);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const cursor = cursors.pop() ?? 0;
      const name = node.deps[cursor];
      if (name === undefined) {
        node.visit = 'done';
        order.push(node);
        path.pop();
        continue;
      }
      cursors.push(cursor + 1);
      const dep = find(name);
      if (dep?.visit === 'open') return { kind: 'cycle', path: cycleIn(path, dep) };
      if (dep?.visit === 'new') enter(dep);
    }
  }
  return { kind: 'sorted', order };
}

function cycleIn<T extends Sortable>(path: readonly T[], end: T): string[] {
  return [...path.slice(path.indexOf(end)), end].map(({ name }) => name);
}
