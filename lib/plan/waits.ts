import { hasEnded } from '../model/state.ts';
import type { NodeId } from './lock-table.ts';
import { noteWait, queueToResume } from './parking.ts';
import { type Change, nodeOf, type Plan, unendedOf } from './plan.ts';
import { emptyAftermath, settle, stirAll } from './stages.ts';
import { findCycle, type WaitStep } from './wait-graph.ts';

/** Why a wait from inside could never end. */
export type WaitProblem =
  /** Each step cannot end before the next; the first begins at the waiter, the last ends there. */
  | { readonly kind: 'cycle'; readonly path: readonly WaitStep[] }
  | { readonly kind: 'too-many-parked'; readonly limit: number };

/** Why a running task must not wait for `targets`; undefined if it may. Changes nothing. */
export function waitProblem(
  plan: Plan,
  waiter: NodeId,
  targets: readonly NodeId[],
): WaitProblem | undefined {
  const node = nodeOf(plan, waiter);
  const unended = unendedOf(plan, targets);
  if (unended.length === 0) return undefined;
  const path = findCycle(plan, node, unended);
  if (path !== undefined) return { kind: 'cycle', path };
  const limit = plan.limits.maxParked;
  const isOneMore = !plan.waiters.has(node);
  return isOneMore && plan.waiters.size >= limit ? { kind: 'too-many-parked', limit } : undefined;
}

/**
 * A task in hand gives its slot back, not its locks, until `wantResume`. Parked again, it waits for
 * both. Whether the wait can end is for `waitProblem` to say before.
 *
 * @param targets What it waits for; empty for a pause (a retry's delay, a question to the user),
 *   which does not count against `maxParked`.
 * @returns What followed at once: NO_FAILURES nodes that waited only for it and cannot run.
 */
export function park(plan: Plan, id: NodeId, targets: readonly NodeId[]): Change[] {
  const node = nodeOf(plan, id);
  if (!node.inHand) throw new Error(`Internal error: ${node.name} is not in hand`);
  if (!node.isParked) {
    node.isParked = true;
    plan.activeCount--;
    if (node.needsSlot) plan.slotsUsed--;
  }
  noteWait(plan, node, targets);
  const after = emptyAftermath();
  stirAll(plan, after);
  return settle(plan, after);
}

/** A parked task wants its slot again; it comes before any task that has not started. */
export function wantResume(plan: Plan, id: NodeId): void {
  const node = nodeOf(plan, id);
  if (!node.isParked) throw new Error(`Internal error: ${node.name} is not parked`);
  queueToResume(plan, node);
  const after = emptyAftermath();
  stirAll(plan, after);
  settle(plan, after);
}

/**
 * Parked tasks that can never go on: nothing runs, nothing can start or resume, none is due by a
 * pause, and none has all that it waited for.
 */
export function stalledWaits(plan: Plan): NodeId[] {
  const mayMove =
    plan.activeCount > 0 ||
    plan.pausedCount > 0 ||
    plan.resuming.items.length > 0 ||
    plan.slotless.items.length > 0 ||
    plan.ready.size > 0;
  if (mayMove) return [];
  const ids: NodeId[] = [];
  for (const { id, waitsFor } of plan.waiters) {
    if (waitsFor.every((target) => isOver(plan, target))) return [];
    ids.push(id);
  }
  return ids;
}

function isOver(plan: Plan, id: NodeId): boolean {
  const node = plan.nodes.get(id);
  return node === undefined || hasEnded(node.state);
}
