import type { Outcome } from '../cache/verdict.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import type { Effects } from './effects.ts';
import type { Entries } from './entries.ts';
import { digestsByName } from './quick-look.ts';
import { isService, waysToServices } from './service-ways.ts';
import type { Swept } from './sweep.ts';

/** What the sweep of a run is made with. */
export interface RunSweepParts {
  readonly entries: Entries;
  readonly effects: Pick<Effects, 'sweep' | 'check' | 'isServiceAlive'>;
  /** What a run needs itself: services, and groups in the way to them. */
  readonly keptServices: (run: number) => Iterable<string>;
}

/**
 * Finds what is up to date of the nodes that come into a run, and need not be planned. Nothing of the
 * plan may be left to be done.
 *
 * @returns What the entries take for swept from now on, in an order in which it can end.
 */
export function sweepRun(
  run: number,
  nodes: readonly GraphNode[],
  parts: RunSweepParts,
): readonly Swept[] {
  const { entries, effects } = parts;
  const found = effects.sweep(nodes, {
    outcomeOf: (dep) => entries.outcomeOf(run, dep),
    freshOutcome: (node, digests) => freshOutcome(node, digests, effects),
  });
  const needed = neededServices(run, nodes, found, parts);
  const fresh = needed.size === 0 ? found : found.filter(({ node }) => !needed.has(node.name));
  entries.addSwept(run, fresh);
  return fresh;
}

/** Services that do not run, though something needs them that is not up to date. */
function neededServices(
  run: number,
  nodes: readonly GraphNode[],
  fresh: readonly Swept[],
  { entries, effects, keptServices }: RunSweepParts,
): ReadonlySet<string> {
  if (!fresh.some(({ node }) => isService(node))) return new Set();
  const known = new Set<GraphNode>(fresh.map(({ node }) => node));
  const users = nodes.flatMap((node) => (known.has(node) ? [] : [node.name]));
  const starts = { users, wanted: keptServices(run) };
  const isOut = (name: string): boolean => !effects.isServiceAlive(name);
  const added = new Map(nodes.map((node) => [node.name, node]));
  const others = entries.nodesOf(run);
  return waysToServices(starts, (name) => added.get(name) ?? others(name), isOut);
}

function freshOutcome(
  node: TaskNode,
  digests: readonly string[],
  effects: Pick<Effects, 'check'>,
): Outcome | undefined {
  try {
    const verdict = effects.check(node, digestsByName(node, digests), false);
    return verdict.kind === 'stale' ? undefined : verdict.outcome;
  } catch {
    // It is checked again when it starts, and fails then.
    return undefined;
  }
}
