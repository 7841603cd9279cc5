import type { GraphNode, TaskNode } from '../model/node.ts';

/** What a sweep asks of the executor. */
export interface SweepEffects {
  /** The outcome digest of a dep that is not among the nodes, if it has ended well. */
  digestOf(dep: string): string | undefined;
  /** The outcome digest of a task that is up to date; undefined if it has to be looked at again. */
  freshDigest(node: TaskNode, deps: ReadonlyMap<string, string>): string | undefined;
}

/** So many tasks that are not up to date are looked at in vain, before it has to be worth it. */
const vainLooks = 50;

/**
 * The nodes that are up to date as long as nothing has run, in an order in which they can end: in
 * most runs these are nearly all, and so need no planning. Nothing else may be going on.
 *
 * Whatever could see work of a task that is not up to date is left out: its dependants, and all of
 * the higher waves.
 */
export function sweep(nodes: readonly GraphNode[], effects: SweepEffects): TaskNode[] {
  const digests = new Map<string, string>();
  const fresh: TaskNode[] = [];
  let vain = 0;
  for (const wave of wavesOf(nodes)) {
    for (const node of wave) {
      const deps = isSweepable(node) ? depDigests(node, digests, effects) : undefined;
      if (!isSweepable(node) || deps === undefined) continue;
      const digest = effects.freshDigest(node, deps);
      if (digest === undefined) {
        vain++;
        if (vain > vainLooks && vain > fresh.length) return fresh;
      } else {
        digests.set(node.name, digest);
        fresh.push(node);
      }
    }
    if (wave.some(({ name }) => !digests.has(name))) break;
  }
  return fresh;
}

function isSweepable(node: GraphNode): node is TaskNode {
  return node.kind === 'task' && !node.definition.noFailures && !node.definition.noSkip;
}

function depDigests(
  node: GraphNode,
  digests: ReadonlyMap<string, string>,
  effects: SweepEffects,
): Map<string, string> | undefined {
  const found = new Map<string, string>();
  for (const dep of node.deps) {
    const digest = digests.get(dep) ?? effects.digestOf(dep);
    if (digest === undefined) return undefined;
    found.set(dep, digest);
  }
  return found;
}

/** The nodes by wave, the lowest first, and in each wave deps before what needs them. */
function wavesOf(nodes: readonly GraphNode[]): GraphNode[][] {
  const waves = new Map<number, GraphNode[]>();
  for (const node of depsFirst(nodes)) {
    const wave = node.kind === 'task' ? node.wave : 0;
    const others = waves.get(wave);
    if (others === undefined) waves.set(wave, [node]);
    else others.push(node);
  }
  return [...waves].sort(([a], [b]) => a - b).map(([, wave]) => wave);
}

function depsFirst(nodes: readonly GraphNode[]): GraphNode[] {
  const waiting = new Map(nodes.map((node) => [node.name, node]));
  const ordered: GraphNode[] = [];
  const stack: { readonly node: GraphNode; next: number }[] = [];
  for (const root of nodes) {
    if (waiting.delete(root.name)) stack.push({ node: root, next: 0 });
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const dep = waiting.get(top.node.deps[top.next++] ?? '');
      if (dep !== undefined) {
        waiting.delete(dep.name);
        stack.push({ node: dep, next: 0 });
      } else if (top.next > top.node.deps.length) {
        ordered.push(top.node);
        stack.pop();
      }
    }
  }
  return ordered;
}
