import type { Blocker } from '../model/blocker.ts';
import { type NodeId, obstacle } from './lock-table.ts';
import { unquiet } from './no-failures.ts';
import { nodeOf, type Plan, unendedOf } from './plan.ts';
import type { PlanNode } from './plan-node.ts';
import { lowestWave } from './waves.ts';

/** Of many tasks only so many are named. */
const namedCount = 5;

/**
 * Everything that keeps a wanted task from starting now, or a parked one from going on. Empty means
 * that it may: `nextMove` starts or resumes it, unless what it does before takes the room.
 */
export function blockersOf(id: NodeId, plan: Plan): Blocker[] {
  const node = nodeOf(plan, id);
  if (node.isParked) return whileParked(node, plan);
  if (node.state.kind !== 'wanted' || node.inHand) return [];
  return [
    ...unmetDeps(node, plan),
    ...lowerWave(node),
    ...risks(node, plan),
    ...heldLocks(node, plan),
    ...missingSlot(node, plan),
  ];
}

function whileParked(node: PlanNode, plan: Plan): Blocker[] {
  const isFull = plan.slotsUsed >= plan.limits.slotCount;
  if (node.resumeTurn > 0) return node.needsSlot && isFull ? [{ kind: 'slot' }] : [];
  const waits = unendedOf(plan, node.waitsFor).map(({ name }): Blocker => {
    return { kind: 'wait', task: name };
  });
  return node.isPaused ? [...waits, { kind: 'pause' }] : waits;
}

/** A dep that has failed is not among them: what needs it has ended as well. */
function unmetDeps({ deps }: PlanNode, plan: Plan): Blocker[] {
  return unendedOf(plan, deps).map(({ name }) => ({ kind: 'dep', task: name }));
}

function lowerWave({ wave, run }: PlanNode): Blocker[] {
  const lowest = lowestWave(run);
  if (wave === undefined || lowest >= wave) return [];
  const { count, tasks } = some(run.levels.get(lowest)?.unended ?? []);
  return [{ kind: 'wave', wave: lowest, count, tasks }];
}

function risks(node: PlanNode, plan: Plan): Blocker[] {
  if (!node.noFailures) return [];
  const { count, tasks } = some(unquiet(plan, node));
  return count === 0 ? [] : [{ kind: 'no-failures', count, tasks }];
}

function heldLocks(node: PlanNode, plan: Plan): Blocker[] {
  return node.locks.flatMap((lock): Blocker[] => {
    const own = node.claims.find((claim) => claim.lock.name === lock.name);
    const other = obstacle(plan.locks, lock, own);
    if (other === undefined) return [];
    return [{ kind: 'lock', lock: lock.name, task: nodeOf(plan, other).name }];
  });
}

/** Those that resume take their slots first. */
function missingSlot({ needsSlot }: PlanNode, plan: Plan): Blocker[] {
  if (!needsSlot) return [];
  const free = plan.limits.slotCount - plan.slotsUsed;
  return free > plan.resuming.items.length ? [] : [{ kind: 'slot' }];
}

function some(nodes: Iterable<PlanNode>): { count: number; tasks: string[] } {
  const tasks: string[] = [];
  let count = 0;
  for (const { name } of nodes) {
    count++;
    if (tasks.length < namedCount) tasks.push(name);
  }
  return { count, tasks };
}
