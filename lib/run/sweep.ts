import type { Outcome } from '../cache/verdict.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';

/** What a sweep asks of the executor. */
export interface SweepEffects {
  /** What a dep that is not among the nodes has come to, if it has ended well. */
  outcomeOf(dep: string): Outcome | undefined;
  /**
   * What a task that is up to date comes to; undefined if it has to be looked at again.
   *
   * @param digests Outcome digests of what `needsOf` lists.
   */
  freshOutcome(node: TaskNode, digests: readonly string[]): Outcome | undefined;
}

/** A task that is up to date, and what it came to. */
export interface Swept {
  readonly node: TaskNode;
  readonly outcome: Outcome;
}

/** So many tasks that are not up to date are looked at in vain, before it has to be worth it. */
export const vainLooks = 50;

/**
 * The nodes that are up to date as long as nothing has run, in an order in which they can end: in
 * most runs these are nearly all, and so need no planning. Nothing else may be going on.
 *
 * Whatever could see work of a task that is not up to date is left out: its dependants, and all of
 * the higher waves.
 *
 * @param ordered The nodes, deps before what needs them, if that is known.
 */
export function sweep(
  nodes: readonly GraphNode[],
  effects: SweepEffects,
  ordered: readonly GraphNode[] = depsFirst(nodes),
): Swept[] {
  const digests = new Map<string, string>();
  const fresh: Swept[] = [];
  let vain = 0;
  for (const wave of wavesOf(ordered)) {
    const freshBefore = fresh.length;
    for (const node of wave) {
      if (!isSweepable(node)) continue;
      const needs = digestsOf(needsOf(node), digests, effects);
      if (needs === undefined) continue;
      const outcome = effects.freshOutcome(node, needs);
      if (outcome === undefined) {
        vain++;
        if (vain > vainLooks && vain > fresh.length) return fresh;
      } else {
        digests.set(node.name, outcome.digest);
        fresh.push({ node, outcome });
      }
    }
    if (fresh.length < freshBefore + wave.length) break;
  }
  return fresh;
}

function isSweepable(node: GraphNode): node is TaskNode {
  return node.kind === 'task' && !node.definition.noFailures && !node.definition.noSkip;
}

/** Whose outcomes count for a task. */
export function needsOf({ deps, makers }: TaskNode): readonly string[] {
  return makers.length === 0 ? deps : [...deps, ...makers];
}

function digestsOf(
  needs: readonly string[],
  digests: ReadonlyMap<string, string>,
  effects: SweepEffects,
): readonly string[] | undefined {
  if (needs.length === 0) return none;
  const found: string[] = [];
  for (const name of needs) {
    const digest = digests.get(name) ?? effects.outcomeOf(name)?.digest;
    if (digest === undefined) return undefined;
    found.push(digest);
  }
  return found;
}

const none: readonly never[] = [];

/** The nodes by wave, the lowest first, and in each wave in the order given. */
function wavesOf(ordered: readonly GraphNode[]): readonly (readonly GraphNode[])[] {
  if (ordered.every((node) => waveOf(node) === 0)) return [ordered];
  const waves = new Map<number, GraphNode[]>();
  for (const node of ordered) {
    const wave = waveOf(node);
    const others = waves.get(wave);
    if (others === undefined) waves.set(wave, [node]);
    else others.push(node);
  }
  return [...waves].sort(([a], [b]) => a - b).map(([, wave]) => wave);
}

function waveOf(node: GraphNode): number {
  return node.kind === 'task' ? node.wave : 0;
}

function depsFirst(nodes: readonly GraphNode[]): GraphNode[] {
  const waiting = new Map<string, GraphNode>();
  for (const node of nodes) waiting.set(node.name, node);
  const ordered: GraphNode[] = [];
  const path: GraphNode[] = [];
  const cursors: number[] = [];
  for (const root of nodes) {
    if (waiting.delete(root.name)) {
      path.push(root);
      cursors.push(0);
    }
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const cursor = cursors.pop() ?? 0;
      const name = node.deps[cursor];
      if (name === undefined) {
        ordered.push(node);
        path.pop();
        continue;
      }
      cursors.push(cursor + 1);
      const dep = waiting.get(name);
      if (dep === undefined) continue;
      waiting.delete(name);
      path.push(dep);
      cursors.push(0);
    }
  }
  return ordered;
}
