import { type GraphNode, isAction } from '../model/node.ts';
import { addDeps, addNodes } from '../plan/grow.ts';
import type { NodeId } from '../plan/lock-table.ts';
import type { Change, Plan } from '../plan/plan.ts';
import type { NewNode } from '../plan/plan-node.ts';
import type { Effects } from './effects.ts';
import type { Entries } from './entries.ts';
import { locksOf } from './task-locks.ts';

/** Nodes that come into a run together. */
export interface Addition {
  readonly run: number;
  readonly full: boolean;
  /** Their deps are among them or in the run. */
  readonly nodes: readonly GraphNode[];
  /** Nodes of the run that have not begun, as they are now that they have got more deps. */
  readonly changed: readonly GraphNode[];
  /** Whether none of them may end without having been planned. Default: false. */
  readonly mustRun?: boolean;
}

/** What it takes to bring nodes of a graph into the plan. */
export interface PlanningParts {
  readonly plan: Plan;
  readonly entries: Entries;
  readonly effects: Pick<Effects, 'estimate'>;
}

/**
 * Plans nodes that have entries.
 *
 * @returns What followed.
 */
export function planNodes(
  run: number,
  nodes: readonly GraphNode[],
  parts: PlanningParts,
): Change[] {
  return addNodes(
    parts.plan,
    nodes.map((node) => newNodeOf(run, node, parts)),
  );
}

/**
 * Plans the deps that a node has got, which is in the plan already and has not begun.
 *
 * @returns What followed.
 */
export function planMoreDeps(
  run: number,
  node: GraphNode,
  { plan, entries }: PlanningParts,
): Change[] {
  const target = entries.idOf(run, node.name);
  const entry = entries.of(target);
  const before = new Set(entry.node.deps);
  entry.node = node;
  const added = node.deps.filter((dep) => !before.has(dep));
  return addDeps(
    plan,
    idsOf(run, added, entries).map((dep) => ({ target, dep })),
  );
}

function newNodeOf(run: number, node: GraphNode, { entries, effects }: PlanningParts): NewNode {
  const id = entries.idOf(run, node.name);
  const isTask = node.kind === 'task';
  return {
    id,
    name: node.name,
    run,
    family: isTask ? node.definition.name : node.name,
    deps: idsOf(run, node.deps, entries),
    locks: locksOf(node, entries.of(id).readers),
    wave: isTask ? node.wave : undefined,
    noFailures: isTask && node.definition.noFailures,
    needsSlot: isAction(node),
    weightMs: isAction(node) ? effects.estimate(node.name) : 0,
  };
}

/** Nobody waits for what was up to date beforehand. */
function idsOf(run: number, names: readonly string[], entries: Entries): NodeId[] {
  return names.flatMap((name) => entries.plannedIdOf(run, name) ?? []);
}
