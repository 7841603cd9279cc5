import type { GraphNode } from '../model/node.ts';
import type { Growth } from './grow-graph.ts';

/**
 * Adds a growth to the graph that it was made for. A node that got deps is replaced by one that
 * has them; the next growth needs them to see cycles.
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
    graph.set(target, { ...node, deps: node.deps.concat(deps) });
  }
}
