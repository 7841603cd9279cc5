import { advance, hasEnded, hasSucceeded, type TaskEvent, type TaskState } from '../model/state.ts';
import { enqueue, type LockTable, leave, type NodeId, tryTake } from './lock-table.ts';

/** One task of one run, as the scheduler sees it. */
export interface PlanNode {
  readonly id: NodeId;
  readonly name: string;
  /** Tasks of one definition are of one family: a worker that is warm for one is so for all. */
  readonly family: string;
  readonly deps: readonly NodeId[];
  readonly dependants: NodeId[];
  readonly locks: readonly string[];
  /** Whether it counts against the limit of tasks that run at the same time. */
  readonly needsSlot: boolean;
  state: TaskState;
  /** How many deps have not succeeded yet. */
  unmet: number;
  /** Whether it was handed out by `nextToStart`. */
  inHand: boolean;
}

/** All that is going on, over all runs: they share slots and locks. Changed only by this module. */
export interface Plan {
  readonly nodes: Map<NodeId, PlanNode>;
  readonly locks: LockTable;
  /** Deps met and locks held, by family, in the order in which that came about. */
  readonly startable: Map<string, Set<NodeId>>;
  /** The same for those that need no slot. */
  readonly slotless: Set<NodeId>;
  /** How many of each family are in hand. */
  readonly busyFamilies: Map<string, number>;
  readonly slotCount: number;
  slotsUsed: number;
}

/** A node as it is handed to the plan. */
export type NewNode = Pick<PlanNode, 'id' | 'name' | 'family' | 'deps' | 'locks' | 'needsSlot'>;

/** Something that happened to a node in consequence of something else. */
export interface Change {
  readonly id: NodeId;
  readonly event: TaskEvent;
}

/** @param slotCount How many tasks may run at the same time. */
export function emptyPlan(slotCount: number): Plan {
  return {
    nodes: new Map(),
    locks: new Map(),
    startable: new Map(),
    slotless: new Set(),
    busyFamilies: new Map(),
    slotCount,
    slotsUsed: 0,
  };
}

/**
 * Takes nodes in; their deps are among them or in the plan already.
 *
 * @returns What followed at once: nodes whose dep had failed before.
 */
export function addNodes(plan: Plan, newNodes: readonly NewNode[]): Change[] {
  const nodes = newNodes.map((node): PlanNode => {
    const entry: PlanNode = {
      ...node,
      dependants: [],
      state: { kind: 'wanted' },
      unmet: 0,
      inHand: false,
    };
    plan.nodes.set(node.id, entry);
    return entry;
  });
  const failedDeps: [PlanNode, PlanNode][] = [];
  for (const node of nodes) {
    for (const dep of node.deps.map((id) => nodeOf(plan, id))) {
      if (hasSucceeded(dep.state)) continue;
      node.unmet++;
      if (hasEnded(dep.state)) failedDeps.push([node, dep]);
      else dep.dependants.push(node.id);
    }
  }
  const changes = failedDeps.flatMap(([node, dep]) => failDependants(plan, dep, [node.id]));
  for (const node of nodes) if (node.unmet === 0) becomeReady(plan, node);
  return changes;
}

/**
 * Lets `event` happen to a node, with all that follows from it.
 *
 * @returns What followed: every dependant that cannot run any more.
 */
export function record(plan: Plan, id: NodeId, event: TaskEvent): Change[] {
  const node = nodeOf(plan, id);
  node.state = advance(node.state, event);
  if (!hasEnded(node.state)) return [];
  release(plan, node);
  if (!hasSucceeded(node.state)) return failDependants(plan, node, node.dependants);
  for (const dependant of node.dependants.map((each) => nodeOf(plan, each))) {
    dependant.unmet--;
    if (dependant.unmet === 0 && dependant.state.kind === 'wanted') becomeReady(plan, dependant);
  }
  return [];
}

/** The next node to start, now in hand; undefined if nothing can start before something ends. */
export function nextToStart(plan: Plan): NodeId | undefined {
  const isFull = plan.slotsUsed >= plan.slotCount;
  const [id = isFull ? undefined : firstOfRarestFamily(plan)] = plan.slotless;
  if (id === undefined) return undefined;
  const node = nodeOf(plan, id);
  dequeue(plan, node);
  node.inHand = true;
  if (node.needsSlot) occupy(plan, node.family, 1);
  return id;
}

/** Forgets nodes that have all ended. */
export function removeNodes(plan: Plan, ids: Iterable<NodeId>): void {
  for (const id of ids) plan.nodes.delete(id);
}

/** The node of `id`, which has to be in the plan. */
export function nodeOf(plan: Plan, id: NodeId): PlanNode {
  const node = plan.nodes.get(id);
  if (node === undefined) throw new Error(`Internal error: no node ${id} in the plan`);
  return node;
}

function becomeReady(plan: Plan, node: PlanNode): void {
  if (node.state.kind !== 'wanted') return;
  enqueue(plan.locks, node.id, node.locks);
  takeLocks(plan, node);
}

function takeLocks(plan: Plan, node: PlanNode): void {
  if (!tryTake(plan.locks, node.id, node.locks)) return;
  if (!node.needsSlot) plan.slotless.add(node.id);
  else if (!plan.startable.get(node.family)?.add(node.id)) {
    plan.startable.set(node.family, new Set([node.id]));
  }
}

/**
 * Of the families that can start, the one with the fewest tasks in hand, first come first served:
 * a family stays with the workers that are warm for it, and different ones run side by side. The
 * search ends at the first family of which nothing runs, so it takes at most as many steps as
 * there are slots.
 */
function firstOfRarestFamily(plan: Plan): NodeId | undefined {
  let least = Number.POSITIVE_INFINITY;
  let first: NodeId | undefined;
  for (const [family, ids] of plan.startable) {
    const busy = plan.busyFamilies.get(family) ?? 0;
    if (busy >= least) continue;
    least = busy;
    [first] = ids;
    if (busy === 0) break;
  }
  return first;
}

function dequeue(plan: Plan, node: PlanNode): void {
  plan.slotless.delete(node.id);
  const family = plan.startable.get(node.family);
  if (family?.delete(node.id) && family.size === 0) plan.startable.delete(node.family);
}

function occupy(plan: Plan, family: string, change: 1 | -1): void {
  plan.slotsUsed += change;
  const busy = (plan.busyFamilies.get(family) ?? 0) + change;
  if (busy === 0) plan.busyFamilies.delete(family);
  else plan.busyFamilies.set(family, busy);
}

function release(plan: Plan, node: PlanNode): void {
  if (node.inHand && node.needsSlot) occupy(plan, node.family, -1);
  node.inHand = false;
  dequeue(plan, node);
  for (const head of leave(plan.locks, node.id, node.locks)) takeLocks(plan, nodeOf(plan, head));
}

/** Every task that needs `failed`, however indirectly, and has not ended: it cannot run any more. */
function failDependants(plan: Plan, failed: PlanNode, first: readonly NodeId[]): Change[] {
  const { state } = failed;
  const event: TaskEvent =
    state.kind === 'cancelled'
      ? { kind: 'cancelled' }
      : {
          kind: 'dependency-failed',
          cause: state.kind === 'dependency-failed' ? state.cause : failed.name,
        };
  const changes: Change[] = [];
  const pending = [...first];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = nodeOf(plan, id);
    if (node.state.kind !== 'wanted') continue;
    node.state = advance(node.state, event);
    release(plan, node);
    changes.push({ id, event });
    for (const dependant of node.dependants) pending.push(dependant);
  }
  return changes;
}
