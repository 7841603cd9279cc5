import { pushTo, removeFrom } from './heap.ts';
import type { NodeId } from './lock-table.ts';
import type { Plan } from './plan.ts';
import type { PlanNode } from './plan-node.ts';

/** Lets a node wait, without a slot, until `wantResume`. What it waited for before stays. */
export function noteWait(plan: Plan, node: PlanNode, targets: readonly NodeId[]): void {
  const all = [...new Set(node.waitsFor.concat(targets))];
  const isPaused = node.isPaused || targets.length === 0;
  forgetWait(plan, node);
  if (isPaused) {
    node.isPaused = true;
    plan.pausedCount++;
  }
  if (all.length === 0) return;
  node.waitsFor = all;
  plan.waiters.add(node);
  for (const id of all) {
    const waiters = plan.waitersFor.get(id) ?? new Set<PlanNode>();
    plan.waitersFor.set(id, waiters);
    waiters.add(node);
  }
}

/** A node does not wait any more, nor for its slot. */
export function forgetWait(plan: Plan, node: PlanNode): void {
  if (node.isPaused) plan.pausedCount--;
  node.isPaused = false;
  if (node.resumeTurn > 0) removeFrom(plan.resuming, node);
  node.resumeTurn = 0;
  if (!plan.waiters.delete(node)) return;
  for (const id of node.waitsFor) {
    const waiters = plan.waitersFor.get(id);
    waiters?.delete(node);
    if (waiters?.size === 0) plan.waitersFor.delete(id);
  }
  node.waitsFor = [];
}

/** Puts a parked node in the queue of those that go on before anything starts. */
export function queueToResume(plan: Plan, node: PlanNode): void {
  forgetWait(plan, node);
  node.resumeTurn = ++plan.resumeCount;
  pushTo(plan.resuming, node);
}
