import { advance, hasEnded, hasSucceeded, type TaskEvent } from '../model/state.ts';
import { pushTo, removeFrom } from './heap.ts';
import { type Claim, enqueue, leave } from './lock-table.ts';
import { isQuiet } from './no-failures.ts';
import { forgetWait } from './parking.ts';
import { type Change, nodeOf, type Plan } from './plan.ts';
import type { PlanNode, Run } from './plan-node.ts';
import { addReady, countInHand, removeReady } from './ready-queue.ts';
import { isWaveOpen, leaveWave, levelOf, lowestWave } from './waves.ts';

/** What is still to be done in consequence of what has happened; a list, so that nothing recurs. */
export interface Aftermath {
  readonly changes: Change[];
  /** Nodes that have ended and whose dependants do not know yet. */
  readonly ended: PlanNode[];
  /** Runs whose gates have to be looked at again. */
  readonly runs: Set<Run>;
}

/** Nothing to be done yet. */
export function emptyAftermath(): Aftermath {
  return { changes: [], ended: [], runs: new Set() };
}

/** Does all that follows, until nothing follows any more; returns what happened to nodes. */
export function settle(plan: Plan, after: Aftermath): Change[] {
  let done = 0;
  for (;;) {
    for (let node = after.ended[done]; node !== undefined; node = after.ended[++done]) {
      tellDependants(plan, node, after);
    }
    const [run] = after.runs;
    if (run === undefined) return after.changes;
    after.runs.delete(run);
    moveWave(plan, run, after);
    askCautious(plan, run, after);
  }
}

/** Ends a node that has not started, or lets an end be known that has been recorded. */
export function end(plan: Plan, node: PlanNode, after: Aftermath): void {
  stirWaiters(plan, after);
  withdraw(plan, node);
  node.stage = 'ended';
  node.inHand = false;
  leaveWave(node);
  const { run } = node;
  if (node.state.kind === 'failed' && run.firstFailure === undefined) {
    run.firstFailure = node;
    run.isStirred = true;
  }
  after.runs.add(run);
  after.ended.push(node);
}

/**
 * While anything waits from inside, whatever happens may change whom NO_FAILURES nodes wait for, in
 * any run: waits lead from run to run.
 */
export function stirWaiters(plan: Plan, after: Aftermath): void {
  if (plan.waiters.size > 0) stirAll(plan, after);
}

/** Lets NO_FAILURES nodes of all runs look again. */
export function stirAll(plan: Plan, after: Aftermath): void {
  for (const run of plan.runs.values()) {
    if (run.cautious.size === 0) continue;
    run.isStirred = true;
    after.runs.add(run);
  }
}

/** What happens to something that needs a node which has ended without success. */
export function failureFrom(dep: PlanNode): TaskEvent {
  const { state } = dep;
  if (state.kind === 'cancelled') return { kind: 'cancelled' };
  const cause = state.kind === 'dependency-failed' ? state.cause : dep.name;
  return { kind: 'dependency-failed', cause };
}

/** Ends a node that is wanted and not in hand, because it cannot run any more. */
export function giveUp(plan: Plan, node: PlanNode, event: TaskEvent, after: Aftermath): void {
  if (node.state.kind !== 'wanted' || node.inHand) return;
  node.state = advance(node.state, event);
  after.changes.push({ id: node.id, event });
  end(plan, node, after);
}

/** Takes a node whose deps are met as far as it gets. */
export function promote(plan: Plan, node: PlanNode, after: Aftermath): void {
  if (hasEnded(node.state) || node.unmet > 0 || node.stage !== 'deps') return;
  if (isWaveOpen(node)) passWave(plan, node, after);
  else waitForWave(node);
}

/** Takes a node back to where its deps are looked at; what it holds and waits for is given up. */
export function withdraw(plan: Plan, node: PlanNode): void {
  const { run } = node;
  if (node.stage === 'wave') levelOf(run, node.wave).waiting.delete(node);
  else if (node.stage === 'ready') removeReadyNode(plan, node);
  else if (node.stage === 'in-hand') handBack(plan, node);
  if (node.stage !== 'deps') {
    run.passed.delete(node);
    run.cautious.delete(node);
  }
  node.stage = 'deps';
  giveUpLocks(plan, node);
}

function tellDependants(plan: Plan, node: PlanNode, after: Aftermath): void {
  const { dependants } = node;
  node.dependants = [];
  if (!hasSucceeded(node.state)) {
    const event = failureFrom(node);
    for (const dependant of dependants) giveUp(plan, dependant, event, after);
    return;
  }
  for (const dependant of dependants) {
    dependant.unmet--;
    promote(plan, dependant, after);
  }
}

/** Lets the open wave be the lowest one in which something has not ended. */
export function moveWave(plan: Plan, run: Run, after: Aftermath): void {
  const lowest = lowestWave(run);
  if (lowest === run.openWave) return;
  const isLower = lowest < run.openWave;
  run.openWave = lowest;
  if (isLower) closeWaves(plan, run);
  if (!Number.isFinite(lowest)) return;
  const { waiting } = levelOf(run, lowest);
  const nodes = [...waiting];
  waiting.clear();
  for (const node of nodes) passWave(plan, node, after);
}

function closeWaves(plan: Plan, run: Run): void {
  const closed = [...run.passed].filter((node) => !isWaveOpen(node));
  for (const node of closed) withdraw(plan, node);
  for (const node of closed) waitForWave(node);
}

function waitForWave(node: PlanNode): void {
  node.stage = 'wave';
  levelOf(node.run, node.wave).waiting.add(node);
}

function passWave(plan: Plan, node: PlanNode, after: Aftermath): void {
  if (node.wave !== undefined) node.run.passed.add(node);
  if (!node.noFailures) {
    queueForLocks(plan, node);
    return;
  }
  node.stage = 'no-failures';
  node.run.cautious.add(node);
  askCautiousNode(plan, node, after);
}

function askCautious(plan: Plan, run: Run, after: Aftermath): void {
  if (!run.isStirred) return;
  run.isStirred = false;
  for (const node of run.cautious) askCautiousNode(plan, node, after);
}

/** Lets a NO_FAILURES node go on, fail, or wait again. */
function askCautiousNode(plan: Plan, node: PlanNode, after: Aftermath): void {
  const isWaiting = node.stage === 'no-failures';
  if (!isQuiet(plan, node)) {
    if (isWaiting) return;
    if (node.stage === 'ready') removeReadyNode(plan, node);
    node.stage = 'no-failures';
    giveUpLocks(plan, node);
    return;
  }
  const { firstFailure } = node.run;
  if (firstFailure !== undefined) {
    giveUp(plan, node, { kind: 'dependency-failed', cause: firstFailure.name }, after);
  } else if (isWaiting) queueForLocks(plan, node);
}

function queueForLocks(plan: Plan, node: PlanNode): void {
  node.stage = 'locks';
  node.claims = enqueue(plan.locks, node.id, node.locks);
  node.missingLocks = 0;
  for (const { isIn } of node.claims) if (!isIn) node.missingLocks++;
  if (node.missingLocks === 0) becomeReady(plan, node);
}

function becomeReady(plan: Plan, node: PlanNode): void {
  node.stage = 'ready';
  if (node.needsSlot) addReady(plan.ready, node);
  else pushTo(plan.slotless, node);
}

function removeReadyNode(plan: Plan, node: PlanNode): void {
  if (node.needsSlot) removeReady(plan.ready, node);
  else removeFrom(plan.slotless, node);
}

function handBack(plan: Plan, node: PlanNode): void {
  if (node.needsSlot) {
    countInHand(plan.ready, node.family, -1);
    if (!node.isParked) plan.slotsUsed--;
  }
  if (!node.isParked) plan.activeCount--;
  forgetWait(plan, node);
  node.isParked = false;
}

function giveUpLocks(plan: Plan, node: PlanNode): void {
  if (node.claims.length === 0) return;
  const admitted: Claim[] = leave(plan.locks, node.claims);
  node.claims = [];
  for (const { id } of admitted) {
    const other = nodeOf(plan, id);
    other.missingLocks--;
    if (other.missingLocks === 0) becomeReady(plan, other);
  }
}
