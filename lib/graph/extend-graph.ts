import type { GraphNode } from '../model/node.ts';
import type { Growth } from './grow-graph.ts';

/** Our own lists of nodes that got deps: copying them each time would be quadratic. */
const longerDeps = new WeakMap<GraphNode, string[]>();

/**
 * Adds a growth to the graph that it was made for. A node that got deps is replaced, the first
 * time, by one that has them; the next growth needs them to see cycles.
 */
export function extendGraph(graph: Map<string, GraphNode>, growth: Growth): void {
  for (const node of growth.added) graph.set(node.name, node);
  const depsByTarget = new Map<string, string[]>();
  for (const { target, dep } of growth.injected) {
    const before = depsByTarget.get(target);
    if (before === undefined) depsByTarget.set(target, [dep]);
    else before.push(dep);
  }
  for (const [target, deps] of depsByTarget) {
    const node = graph.get(target);
    if (node === undefined) throw new Error(`Internal error: '${target}' is not in the graph`);
    const longer = longerDeps.get(node) ?? [...node.deps];
    for (const dep of deps) longer.push(dep);
    if (longerDeps.has(node)) continue;
    const replaced = { ...node, deps: longer };
    longerDeps.set(replaced, longer);
    graph.set(target, replaced);
  }
}
