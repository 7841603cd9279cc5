import { hasEnded, hasSucceeded } from '../model/state.ts';
import type { NodeId } from './lock-table.ts';
import { type Change, nodeOf, type Plan } from './plan.ts';
import { isPlain, type NewNode, type PlanNode, type Run } from './plan-node.ts';
import { usualWeight } from './priorities.ts';
import {
  emptyAftermath,
  failureFrom,
  giveUp,
  moveWave,
  promote,
  settle,
  stirWaiters,
  withdraw,
} from './stages.ts';
import { countPlain, emptyRun, enterWave } from './waves.ts';

/**
 * Takes nodes in. Their deps are among them or in the plan already, in any state.
 *
 * @returns What followed at once: nodes that cannot run because a dep has failed before.
 */
export function addNodes(plan: Plan, newNodes: readonly NewNode[]): Change[] {
  for (const { weightMs } of newNodes) countWeight(plan, weightMs);
  const nodes = newNodes.map((node) => enter(plan, node));
  const after = emptyAftermath();
  const failed: [PlanNode, PlanNode][] = [];
  for (const node of nodes) {
    const failedDep = linkDeps(plan, node);
    if (failedDep !== undefined) failed.push([node, failedDep]);
  }
  for (const node of nodes) if (node.noFailures || node.isAfterNoFailures) spreadNoFailures(node);
  for (const node of nodes) {
    enterWave(node);
    after.runs.add(node.run);
  }
  stirWaiters(plan, after);
  for (const run of after.runs) moveWave(plan, run, after);
  for (const [node, dep] of failed) giveUp(plan, node, failureFrom(dep), after);
  for (const node of nodes) promote(plan, node, after);
  return settle(plan, after);
}

/**
 * Lets nodes need others too: reverse deps. A target is wanted and not in hand; it waits again.
 *
 * @returns What followed at once: targets that cannot run because a dep has failed before.
 */
export function addDeps(
  plan: Plan,
  edges: readonly { readonly target: NodeId; readonly dep: NodeId }[],
): Change[] {
  const after = emptyAftermath();
  const failed = new Set<PlanNode>();
  for (const edge of edges) {
    const [target, dep] = [nodeOf(plan, edge.target), nodeOf(plan, edge.dep)];
    if (failed.has(target)) continue;
    if (target.state.kind !== 'wanted' || target.inHand) {
      throw new Error(`Internal error: ${target.name} is past needing ${dep.name}`);
    }
    if (isLinked(target, dep)) continue;
    target.deps.push(dep.id);
    if (!isPlain(dep) && !target.isAfterNoFailures) turnCautious(target);
    after.runs.add(target.run);
    stirWaiters(plan, after);
    if (hasSucceeded(dep.state)) continue;
    target.unmet++;
    if (hasEnded(dep.state)) {
      giveUp(plan, target, failureFrom(dep), after);
      failed.add(target);
      continue;
    }
    withdraw(plan, target);
    dep.dependants.push(target);
    plan.unranked.push(target);
  }
  return settle(plan, after);
}

const none: readonly never[] = [];

function countWeight({ weights }: Plan, weightMs: number | undefined): void {
  if (weightMs === undefined) return;
  weights.sum += weightMs;
  weights.count++;
}

function enter(plan: Plan, node: NewNode): PlanNode {
  const weight = node.weightMs ?? usualWeight(plan);
  const run = runOf(plan, node.run);
  // Field by field: an object made by a spread this wide is ten times as slow to make and to read.
  const entry: PlanNode = {
    id: node.id,
    name: node.name,
    family: node.family,
    locks: node.locks,
    wave: node.wave,
    noFailures: node.noFailures,
    needsSlot: node.needsSlot,
    run,
    deps: node.deps.slice(),
    weight,
    dependants: [],
    state: { kind: 'wanted' },
    stage: 'deps',
    inHand: false,
    isParked: false,
    isPaused: false,
    waitsFor: none,
    unmet: 0,
    claims: none,
    missingLocks: 0,
    priority: weight,
    isAfterNoFailures: false,
    resumeTurn: 0,
    heapAt: -1,
  };
  run.nodeCount++;
  plan.nodes.set(node.id, entry);
  return entry;
}

function runOf(plan: Plan, id: number): Run {
  const run = plan.runs.get(id) ?? emptyRun(id);
  plan.runs.set(id, run);
  return run;
}

/** Makes a node known to its deps; returns one that has failed. */
function linkDeps(plan: Plan, node: PlanNode): PlanNode | undefined {
  let failed: PlanNode | undefined;
  let isWaiting = false;
  for (const id of node.deps) {
    const dep = nodeOf(plan, id);
    if (!isPlain(dep)) node.isAfterNoFailures = true;
    if (hasSucceeded(dep.state)) continue;
    node.unmet++;
    if (hasEnded(dep.state)) failed ??= dep;
    else {
      dep.dependants.push(node);
      isWaiting = true;
    }
  }
  if (isWaiting) plan.unranked.push(node);
  return failed;
}

/** Marks all that needs `node`, which are new nodes that are not counted yet. */
function spreadNoFailures(node: PlanNode): void {
  const pending = [node];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    for (const dependant of each.dependants) {
      if (dependant.isAfterNoFailures) continue;
      dependant.isAfterNoFailures = true;
      pending.push(dependant);
    }
  }
}

/** Marks `node` and all that needs it, which are counted already. */
function turnCautious(node: PlanNode): void {
  const pending = [node];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    // One that has ended is not counted any more, and so are those that need it.
    if (each.isAfterNoFailures || hasEnded(each.state)) continue;
    if (isPlain(each)) countPlain(each, -1);
    each.isAfterNoFailures = true;
    for (const dependant of each.dependants) pending.push(dependant);
  }
}

/** Whether the dep is there already; looked up where there is less to look through. */
function isLinked(target: PlanNode, dep: PlanNode): boolean {
  const isShorter = !hasEnded(dep.state) && dep.dependants.length < target.deps.length;
  return isShorter ? dep.dependants.includes(target) : target.deps.includes(dep.id);
}
