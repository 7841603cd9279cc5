import { hasEnded, type TaskEvent } from '../model/state.ts';
import { emptyHeap, type Heap } from './heap.ts';
import type { LockTable, NodeId } from './lock-table.ts';
import type { PlanNode, Run } from './plan-node.ts';
import { emptyReadyQueue, type ReadyQueue } from './ready-queue.ts';

/** How much may go on at a time. */
export interface PlanLimits {
  /** How many tasks may run at the same time. */
  readonly slotCount: number;
  /** How many may hold a lock at a time, by name; 1 where it is not named. */
  readonly capacities: ReadonlyMap<string, number>;
  /** How many tasks may wait for others from inside at the same time. */
  readonly maxParked: number;
}

/** All that is going on, over all runs: they share slots and locks. Changed only by this folder. */
export interface Plan {
  readonly limits: PlanLimits;
  readonly nodes: Map<NodeId, PlanNode>;
  readonly runs: Map<number, Run>;
  readonly locks: LockTable;
  /** Nodes that lack nothing but a slot. */
  readonly ready: ReadyQueue;
  /** Nodes that lack nothing and need no slot. */
  readonly slotless: Heap<PlanNode>;
  /** Parked nodes that want to go on. */
  readonly resuming: Heap<PlanNode>;
  /** Parked nodes that wait for others. */
  readonly waiters: Set<PlanNode>;
  /** The same by what they wait for. */
  readonly waitersFor: Map<NodeId, Set<PlanNode>>;
  /** Nodes whose priority has not been passed on to their deps yet. */
  unranked: PlanNode[];
  readonly weights: { sum: number; count: number };
  slotsUsed: number;
  /** How many are in hand and not parked. */
  activeCount: number;
  /** How many are parked until whoever parked them says otherwise. */
  pausedCount: number;
  resumeCount: number;
}

/** Something that happened to a node in consequence of something else. */
export interface Change {
  readonly id: NodeId;
  readonly event: TaskEvent;
}

/** A plan without nodes. */
export function emptyPlan(limits: PlanLimits): Plan {
  return {
    limits,
    nodes: new Map(),
    runs: new Map(),
    locks: { locks: new Map(), capacities: limits.capacities },
    ready: emptyReadyQueue(),
    slotless: emptyHeap((a: PlanNode, b: PlanNode) => a.id < b.id),
    resuming: emptyHeap(resumesBefore),
    waiters: new Set(),
    waitersFor: new Map(),
    unranked: [],
    weights: { sum: 0, count: 0 },
    slotsUsed: 0,
    activeCount: 0,
    pausedCount: 0,
    resumeCount: 0,
  };
}

/** The node of `id`, which has to be in the plan. */
export function nodeOf(plan: Plan, id: NodeId): PlanNode {
  const node = plan.nodes.get(id);
  if (node === undefined) throw new Error(`Internal error: no node ${id} in the plan`);
  return node;
}

/** Those of `ids` that have not ended; what was removed has. */
export function unendedOf(plan: Plan, ids: readonly NodeId[]): PlanNode[] {
  return ids.flatMap((id) => {
    const node = plan.nodes.get(id);
    return node === undefined || hasEnded(node.state) ? [] : [node];
  });
}

/** The task in whose name a run has failed first (states failed only), or undefined. */
export function failureIn(plan: Plan, run: number): NodeId | undefined {
  return plan.runs.get(run)?.firstFailure?.id;
}

/** Every wanted node of `run`, or of all runs, that is not in hand, in order of arrival. */
export function unstarted(plan: Plan, run?: number): NodeId[] {
  const ids: NodeId[] = [];
  for (const node of plan.nodes.values()) {
    const isMeant = run === undefined || node.run.id === run;
    if (isMeant && node.state.kind === 'wanted' && !node.inHand) ids.push(node.id);
  }
  return ids;
}

/** Forgets nodes that have all ended; a run is forgotten with the last of its nodes. */
export function removeNodes(plan: Plan, ids: Iterable<NodeId>): void {
  for (const id of ids) {
    const node = plan.nodes.get(id);
    if (node === undefined) continue;
    if (!hasEnded(node.state)) throw new Error(`Internal error: ${node.name} has not ended`);
    plan.nodes.delete(id);
    node.run.nodeCount--;
    if (node.run.nodeCount === 0) plan.runs.delete(node.run.id);
  }
  plan.unranked = plan.unranked.filter(({ stage }) => stage !== 'ended');
}

function resumesBefore(a: PlanNode, b: PlanNode): boolean {
  return a.needsSlot === b.needsSlot ? a.resumeTurn < b.resumeTurn : b.needsSlot;
}
