import type { GraphNode } from '../model/node.ts';

/** By the name of a node, who names it as a dep. */
export type Dependants = ReadonlyMap<string, readonly string[]>;

/** Who needs whom in a graph, the other way round. */
export function dependantsIn(graph: ReadonlyMap<string, GraphNode>): Dependants {
  const dependants = new Map<string, string[]>();
  for (const { name, deps } of graph.values()) {
    for (const dep of deps) {
      const known = dependants.get(dep);
      if (known === undefined) dependants.set(dep, [name]);
      else known.push(name);
    }
  }
  return dependants;
}

/**
 * `names` with all that needs them, however indirectly.
 *
 * @param more Who needs a node beside those that name it as a dep.
 */
export function withDependants(
  names: Iterable<string>,
  dependants: Dependants,
  more: (name: string) => Iterable<string>,
): Set<string> {
  const found = new Set(names);
  for (const name of found) {
    for (const dependant of dependants.get(name) ?? []) found.add(dependant);
    for (const dependant of more(name)) found.add(dependant);
  }
  return found;
}
