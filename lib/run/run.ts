import type { GraphNode } from '../model/node.ts';
import { OpenRequests } from './open-requests.ts';
import type { Root } from './request.ts';
import { RunGraph } from './run-graph.ts';

/** What requests share, in which each task is executed at most once. */
export interface Run {
  id: number;
  readonly full: boolean;
  startedAt: number;
  readonly graph: RunGraph;
  /** Full names that were asked for from outside. */
  readonly asked: Set<string>;
  hasServices: boolean;
  readonly roots: Set<Root>;
  readonly requests: OpenRequests;
  /** Requests that have not been told yet how their tasks ended, though these may have. */
  unanswered: number;
  /** Tasks that were started by others, as long as none of these has waited for them. */
  readonly unawaited: Set<string>;
  /** How many nodes have not ended, and services that it waits for. */
  pending: number;
  /** Present if it can be taken up again. */
  readonly lasting?: Lasting;
}

/** What is kept of a run that can be taken up again. */
export interface Lasting {
  /** Nodes that have been wanted since it was taken up. */
  readonly members: Set<string>;
  /** Those that have ended last without success. */
  readonly left: Set<string>;
  /** By the name of a task, who has asked for it from inside. */
  readonly askers: Map<string, Set<string>>;
  readonly onOver: () => void;
}

/** A run without tasks. */
export function emptyRun(run: Pick<Run, 'id' | 'full' | 'startedAt'>, lasting?: Lasting): Run {
  return {
    ...run,
    graph: new RunGraph(),
    asked: new Set(),
    hasServices: false,
    roots: new Set(),
    requests: new OpenRequests(),
    unanswered: 0,
    unawaited: new Set(),
    pending: 0,
    ...(lasting !== undefined && { lasting }),
  };
}

/**
 * Whether all of a run lies behind what `root` asks for, though it has not been closed yet: in a
 * script it must not matter whether a turn of the event loop passes between two requests.
 */
export function isBehind(run: Run, root: Root): boolean {
  if (run.requests.size > 0 || run.pending > 0) return false;
  return [root, ...run.roots].every((each) => !each.isInProgress());
}

/** The nodes that the end of a run tells of, beside those that have not been made. */
export function membersOf({ graph, lasting }: Run): Iterable<GraphNode> {
  if (lasting === undefined) return graph.made();
  return [...lasting.members].flatMap((name) => graph.get(name) ?? []);
}
