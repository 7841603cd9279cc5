import { advance } from '../model/state.ts';
import type { NodeId } from './lock-table.ts';
import { type Change, nodeOf, type Plan } from './plan.ts';
import { emptyAftermath, end, settle } from './stages.ts';

/**
 * Ends wanted nodes that are not in hand, because others take their place. Whatever needs them goes
 * with them, and hears nothing of it.
 *
 * @returns What followed for others.
 */
export function discard(plan: Plan, ids: readonly NodeId[]): Change[] {
  const after = emptyAftermath();
  for (const id of ids) {
    const node = nodeOf(plan, id);
    node.dependants = [];
    node.state = advance(node.state, { kind: 'cancelled' });
    end(plan, node, after);
  }
  return settle(plan, after);
}

/** What has failed in a run so far does not count any more: it is tried again. */
export function forgetFailures(plan: Plan, runId: number): void {
  const run = plan.runs.get(runId);
  if (run === undefined) return;
  run.firstFailure = undefined;
  run.isStirred = true;
}

/** Gives a run another number. */
export function renumberRun(plan: Plan, from: number, to: number): void {
  const run = plan.runs.get(from);
  if (run === undefined) return;
  run.id = to;
  plan.runs.delete(from);
  plan.runs.set(to, run);
}
