import type { GraphNode } from '../model/node.ts';

/** All nodes of the graph that `names` need, themselves included. */
export function closureOf(
  graph: ReadonlyMap<string, GraphNode>,
  names: readonly string[],
): GraphNode[] {
  const found = new Map<string, GraphNode>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const node = graph.get(name);
    if (node === undefined || found.has(name)) continue;
    found.set(name, node);
    for (const dep of node.deps) pending.push(dep);
  }
  return [...found.values()];
}
