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
  for (const start of starts) {
    let node: T | undefined = start.visit === 'new' ? start : undefined;
    let cursor = 0;
    while (node !== undefined) {
      node.visit = 'open';
      let next: T | undefined;
      while (next === undefined && cursor < node.deps.length) {
        const dep = find(node.deps[cursor++] ?? '');
        if (dep?.visit === 'open') return { kind: 'cycle', path: cycleIn([...path, node], dep) };
        if (dep?.visit === 'new') next = dep;
      }
      if (next === undefined) {
        node.visit = 'done';
        order.push(node);
        node = path.pop();
        cursor = cursors.pop() ?? 0;
      } else {
        path.push(node);
        cursors.push(cursor);
        node = next;
        cursor = 0;
      }
    }
  }
  return { kind: 'sorted', order };
}

function cycleIn<T extends Sortable>(path: readonly T[], end: T): string[] {
  return [...path.slice(path.indexOf(end)), end].map(({ name }) => name);
}
