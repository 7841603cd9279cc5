import { firstIn, removeFrom } from './heap.ts';
import type { NodeId } from './lock-table.ts';
import { forgetWait } from './parking.ts';
import type { Plan } from './plan.ts';
import type { PlanNode } from './plan-node.ts';
import { rank } from './priorities.ts';
import { countInHand, firstReady, removeReady } from './ready-queue.ts';

/** What to do next: `start` a node, which is in hand now, or `resume` one that was parked. */
export interface Move {
  readonly kind: 'start' | 'resume';
  readonly id: NodeId;
}

/**
 * What to do next; undefined if nothing can be done before something ends. What was parked comes
 * first, then what needs no slot.
 */
export function nextMove(plan: Plan): Move | undefined {
  const hasSlot = plan.slotsUsed < plan.limits.slotCount;
  const resumed = firstIn(plan.resuming);
  if (resumed !== undefined && (hasSlot || !resumed.needsSlot)) return resume(plan, resumed);
  const slotless = firstIn(plan.slotless);
  if (slotless !== undefined) {
    removeFrom(plan.slotless, slotless);
    return start(plan, slotless);
  }
  if (!hasSlot || plan.ready.size === 0) return undefined;
  if (plan.ready.size > 1) rank(plan);
  const node = firstReady(plan.ready);
  if (node === undefined) return undefined;
  // In this order, so that the family is not forgotten in between.
  countInHand(plan.ready, node.family, 1);
  removeReady(plan.ready, node);
  plan.slotsUsed++;
  return start(plan, node);
}

function start(plan: Plan, node: PlanNode): Move {
  node.run.passed.delete(node);
  node.run.cautious.delete(node);
  node.stage = 'in-hand';
  node.inHand = true;
  plan.activeCount++;
  return { kind: 'start', id: node.id };
}

function resume(plan: Plan, node: PlanNode): Move {
  forgetWait(plan, node);
  node.isParked = false;
  if (node.needsSlot) plan.slotsUsed++;
  plan.activeCount++;
  return { kind: 'resume', id: node.id };
}
