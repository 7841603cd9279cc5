import { type GraphNode, isAction, type TaskNode } from '../model/node.ts';
import type { RunEvent } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { EndState, Millis } from '../model/state.ts';
import { isService } from './service-ways.ts';

type Wanted = Extract<RunEvent, { event: 'task-wanted' }>;

/** A node has come into a run. `estimateMs` counts for what has an action. */
export function taskWanted(
  run: number,
  node: GraphNode,
  at: Millis,
  estimateMs: number | undefined,
): RunEvent {
  const { name: task, deps } = node;
  return isAction(node)
    ? { event: 'task-wanted', at, run, task, isGroup: false, deps, ...factsOf(node, estimateMs) }
    : { event: 'task-wanted', at, run, task, isGroup: true, deps };
}

/** A node has begun. */
export function taskStarted(
  run: number,
  node: GraphNode,
  at: Millis,
  reasons: readonly StaleReason[],
): RunEvent {
  return { event: 'task-started', at, run, task: node.name, isGroup: !isAction(node), reasons };
}

/** A node has ended as `state` says. */
export function taskEnded(run: number, node: GraphNode, at: Millis, state: EndState): RunEvent {
  const [event, task, isGroup] = ['task-ended', node.name, !isAction(node)] as const;
  if (node.kind !== 'task') return { event, at, run, task, isGroup, state };
  const { place } = node.definition;
  return isService(node)
    ? { event, at, run, task, isGroup, state, isService: true, place }
    : { event, at, run, task, isGroup, state, place };
}

/** What came of a node does not count, since another one has taken its place. */
export function taskOutdated(run: number, node: GraphNode, at: Millis): RunEvent {
  return { event: 'task-outdated', at, run, task: node.name, isGroup: !isAction(node) };
}

/** What reporters are told of a task beside its deps. */
function factsOf(
  { rawArgs, definition }: TaskNode,
  estimateMs: number | undefined,
): Pick<Wanted, 'args' | 'logIgnore' | 'estimateMs'> {
  return {
    ...(definition.pattern.placeholders.length > 0 && { args: rawArgs }),
    ...(definition.logIgnore.length > 0 && { logIgnore: definition.logIgnore }),
    ...(estimateMs !== undefined && { estimateMs }),
  };
}
