import { type GraphNode, isAction } from '../model/node.ts';
import type { RunCounts } from '../model/run-event.ts';
import type { RunResult, TaskResult } from '../model/run-result.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import { type EndState, hasEnded, hasSucceeded, type TaskState } from '../model/state.ts';
import { tallyOf } from '../report/tally.ts';

/** What can be asked about the tasks of a run. */
export interface RunFacts {
  stateOf(name: string): TaskState | undefined;
  reasonsOf(name: string): readonly StaleReason[];
  valueOf(name: string): unknown;
}

/** How the tasks of a run ended, counted; what has not ended counts as cancelled. */
export function countsOf(
  nodes: Iterable<GraphNode>,
  stateOf: (name: string) => TaskState | undefined,
): RunCounts {
  return tallyOf(endsOf(nodes, stateOf));
}

/** What came of a request for `wanted`, which needed the tasks `all`. */
export function resultOf(
  wanted: readonly string[],
  all: Iterable<string>,
  durationMs: number,
  facts: RunFacts,
): RunResult {
  const tasks = new Map<string, TaskResult>();
  for (const name of all) {
    const state = facts.stateOf(name);
    if (state !== undefined) tasks.set(name, taskResult(state, facts.reasonsOf(name)));
  }
  const results = Object.create(null) as Record<string, unknown>;
  let ok = true;
  for (const name of wanted) {
    const state = facts.stateOf(name);
    if (state !== undefined && hasSucceeded(state)) results[name] = facts.valueOf(name);
    else ok = false;
  }
  return Object.freeze({ ok, results: Object.freeze(results), tasks, durationMs });
}

function taskResult(state: TaskState, reasons: readonly StaleReason[]): TaskResult {
  return {
    state: state.kind,
    reasons,
    durationMs: 'tookMs' in state ? state.tookMs : 0,
    ...(state.kind === 'failed' && { failure: state.failure }),
  };
}

function* endsOf(
  nodes: Iterable<GraphNode>,
  stateOf: (name: string) => TaskState | undefined,
): Iterable<{ isGroup: boolean; state: EndState }> {
  for (const node of nodes) {
    const state = stateOf(node.name);
    const isGroup = !isAction(node);
    if (state !== undefined) {
      yield { isGroup, state: hasEnded(state) ? state : { kind: 'cancelled' } };
    }
  }
}
