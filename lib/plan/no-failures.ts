import type { NodeId } from './lock-table.ts';
import type { Plan } from './plan.ts';
import { isPlain, type Level, type PlanNode } from './plan-node.ts';

/** A wait that is only asked about: `waiter` parked for `targets`. */
export interface Supposed {
  readonly waiter: PlanNode;
  readonly targets: ReadonlySet<NodeId>;
}

/**
 * Whether everything has ended that a NO_FAILURES node whose wave is open waits for: the other nodes of its run in its
 * wave or lower, except NO_FAILURES nodes, what depends on one, and what
 * waits for it from inside or depends on that.
 */
export function isQuiet(plan: Plan, node: PlanNode): boolean {
  const count = plainBelow(node);
  if (count === 0) return true;
  if (plan.waiters.size === 0) return false;
  let excepted = 0;
  for (const other of waitersOn(plan, node)) {
    if (other.stage !== 'ended' && isPlain(other) && isBelow(other, node)) excepted++;
  }
  return excepted === count;
}

/** What keeps a NO_FAILURES node waiting. */
export function* unquiet(plan: Plan, node: PlanNode, supposed?: Supposed): Generator<PlanNode> {
  const hasWaiters = supposed !== undefined || plan.waiters.size > 0;
  const excepted = hasWaiters ? waitersOn(plan, node, supposed) : undefined;
  for (const level of levelsBelow(node)) {
    if (level.plainCount === 0) continue;
    for (const other of level.unended) {
      if (isPlain(other) && excepted?.has(other) !== true) yield other;
    }
  }
}

/** All that waits for `node`: by a dep or parked, however indirectly. Without the node itself. */
function waitersOn(plan: Plan, node: PlanNode, supposed?: Supposed): Set<PlanNode> {
  const found = new Set<PlanNode>([node]);
  for (const each of found) {
    for (const dependant of each.dependants) found.add(dependant);
    for (const waiter of plan.waitersFor.get(each.id) ?? []) found.add(waiter);
    if (supposed?.targets.has(each.id) === true) found.add(supposed.waiter);
  }
  found.delete(node);
  return found;
}

/** How many plain nodes are below; in a wave that is open, none is in a lower one. */
function plainBelow({ run, wave }: PlanNode): number {
  if (wave !== undefined) return run.levels.get(wave)?.plainCount ?? 0;
  let count = 0;
  for (const { plainCount } of run.levels.values()) count += plainCount;
  return count;
}

/** Without a wave itself, a node is above all. */
function levelsBelow({ run, wave }: PlanNode): Level[] {
  if (wave === undefined) return [...run.levels.values()];
  return run.order.items.filter((level) => level.wave <= wave);
}

function isBelow(other: PlanNode, { run, wave }: PlanNode): boolean {
  if (other.run !== run) return false;
  return wave === undefined || (other.wave !== undefined && other.wave <= wave);
}
