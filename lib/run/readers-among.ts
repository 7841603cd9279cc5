import type { GraphNode } from '../model/node.ts';

/**
 * By the name of a node, which of the tasks `underWay` need it, however indirectly: they may be
 * reading what it is going to make anew.
 *
 * @param nodes All that is to come about again; what needs one of them is among them.
 */
export function readersAmong(
  nodes: readonly GraphNode[],
  underWay: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>();
  if (underWay.length === 0) return readers;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const reader of underWay) {
    const seen = new Set([reader]);
    const pending = [reader];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      for (const dep of byName.get(name)?.deps ?? []) {
        if (seen.has(dep) || !byName.has(dep)) continue;
        seen.add(dep);
        pending.push(dep);
        const known = readers.get(dep);
        if (known === undefined) readers.set(dep, [reader]);
        else known.push(reader);
      }
    }
  }
  return readers;
}
