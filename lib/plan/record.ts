import { advance, hasEnded, type TaskEvent } from '../model/state.ts';
import type { NodeId } from './lock-table.ts';
import { type Change, nodeOf, type Plan } from './plan.ts';
import { emptyAftermath, end, settle } from './stages.ts';

/**
 * Lets `event` happen to a node, with all that follows from it. An end gives up slot and locks, so
 * it is recorded only when nothing of the task runs any more.
 *
 * @returns What followed: every other node that cannot run any more.
 */
export function record(plan: Plan, id: NodeId, event: TaskEvent): Change[] {
  const node = nodeOf(plan, id);
  node.state = advance(node.state, event);
  if (!hasEnded(node.state)) return [];
  const after = emptyAftermath();
  end(plan, node, after);
  return settle(plan, after);
}
