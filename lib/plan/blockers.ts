import { hasSucceeded } from '../model/state.ts';
import { type NodeId, obstacle } from './lock-table.ts';
import { nodeOf, type Plan } from './plan.ts';

/** One thing that keeps a task from starting. */
export type Blocker =
  | { readonly kind: 'dep'; readonly task: string }
  /** `task` holds the lock, or came for it before. */
  | { readonly kind: 'lock'; readonly lock: string; readonly task: string }
  | { readonly kind: 'slot' };

/** Everything that keeps a wanted task from starting now; empty means it may start. */
export function blockersOf(id: NodeId, plan: Plan): Blocker[] {
  return [...unmetDeps(id, plan), ...heldLocks(id, plan), ...missingSlot(id, plan)];
}

function unmetDeps(id: NodeId, plan: Plan): Blocker[] {
  const deps = nodeOf(plan, id).deps.map((dep) => nodeOf(plan, dep));
  return deps.flatMap((dep) => (hasSucceeded(dep.state) ? [] : [{ kind: 'dep', task: dep.name }]));
}

function heldLocks(id: NodeId, plan: Plan): Blocker[] {
  return nodeOf(plan, id).locks.flatMap((lock) => {
    const other = obstacle(plan.locks, id, lock);
    return other === undefined ? [] : [{ kind: 'lock', lock, task: nodeOf(plan, other).name }];
  });
}

function missingSlot(id: NodeId, plan: Plan): Blocker[] {
  const { needsSlot, inHand } = nodeOf(plan, id);
  const isFull = plan.slotsUsed >= plan.slotCount;
  return needsSlot && !inHand && isFull ? [{ kind: 'slot' }] : [];
}
