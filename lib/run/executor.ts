import { freshDigest, groupDigest } from '../cache/outcome-digest.ts';
import type { Observation, Outcome } from '../cache/verdict.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import { hasEnded, type TaskEvent, type TaskState } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import {
  addNodes,
  type Change,
  emptyPlan,
  nextToStart,
  nodeOf,
  type Plan,
  record,
  removeNodes,
} from '../plan/plan.ts';
import type { Effects } from './effects.ts';

/** What the executor keeps of a node beside its place in the plan. */
interface Entry {
  readonly node: GraphNode;
  readonly run: number;
  readonly full: boolean;
  outcome: Outcome | undefined;
}

/** Whom the executor tells that a node of a run has ended. */
export type OnEnded = (run: number, name: string) => void;

/**
 * Drives all runs of a process: what can start is started, whatever ends is recorded, and every
 * change goes through `#happen`. Runs share slots and locks; two runs never execute one task at a
 * time.
 */
export class Executor {
  readonly #plan: Plan;
  readonly #effects: Effects;
  readonly #onEnded: OnEnded;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #ids = new Map<number, Map<string, NodeId>>();
  #lastId = 0;
  #isPumping = false;
  #isStopping = false;

  constructor(slotCount: number, effects: Effects, onEnded: OnEnded) {
    this.#plan = emptyPlan(slotCount);
    this.#effects = effects;
    this.#onEnded = onEnded;
  }

  /** Takes nodes into a run and starts what can start. Their deps are among them or in the run. */
  add(run: number, full: boolean, nodes: readonly GraphNode[]): void {
    const ids = this.#ids.get(run) ?? new Map<string, NodeId>();
    this.#ids.set(run, ids);
    for (const node of nodes) {
      const id = ++this.#lastId;
      ids.set(node.name, id);
      this.#entries.set(id, { node, run, full, outcome: undefined });
    }
    for (const node of nodes) this.#announce(run, node);
    const changes = addNodes(
      this.#plan,
      nodes.map((node) => ({
        id: idIn(ids, node.name),
        name: node.name,
        family: node.kind === 'task' ? node.definition.name : node.name,
        deps: node.deps.map((dep) => idIn(ids, dep)),
        locks: locksOf(node),
        needsSlot: isAction(node),
      })),
    );
    this.#tell(changes);
    if (this.#isStopping) this.stop();
    else this.#pump();
  }

  /** Where a task of a run stands. */
  stateOf(run: number, name: string): TaskState | undefined {
    const id = this.#ids.get(run)?.get(name);
    return id === undefined ? undefined : nodeOf(this.#plan, id).state;
  }

  /** Outcome digests of the deps of `node` in a run in which they have succeeded. */
  depDigests(run: number, node: GraphNode): ReadonlyMap<string, string> {
    return new Map(node.deps.map((dep) => [dep, this.#outcomeOf(run, dep).digest]));
  }

  /** What the task returned, in a run in which it has succeeded. */
  resultOf(run: number, name: string): unknown {
    return this.#outcomeOf(run, name).value;
  }

  /** Forgets a run all of whose tasks have ended. */
  forget(run: number): void {
    const ids = this.#ids.get(run);
    if (ids === undefined) return;
    removeNodes(this.#plan, ids.values());
    for (const id of ids.values()) this.#entries.delete(id);
    this.#ids.delete(run);
  }

  /** Starts nothing any more; what has not started is cancelled, what runs is left to end. */
  stop(): void {
    this.#isStopping = true;
    for (const { id, state, inHand } of this.#plan.nodes.values()) {
      if (state.kind === 'wanted' && !inHand) this.#happen(id, { kind: 'cancelled' });
    }
  }

  /** Fails tasks that run in this process and cannot end any more. */
  failInProcess(failure: TaskFailure): void {
    for (const { id, state } of this.#plan.nodes.values()) {
      const { node } = this.#entry(id);
      const isHere = node.kind === 'native' || node.definition.inProcess;
      if (state.kind === 'running' && isHere) {
        this.#happen(id, { kind: 'failed', at: this.#effects.now(), failure });
      }
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let id = this.#next(); id !== undefined; id = this.#next()) this.#start(id);
    } finally {
      this.#isPumping = false;
    }
  }

  #next(): NodeId | undefined {
    return this.#isStopping ? undefined : nextToStart(this.#plan);
  }

  #start(id: NodeId): void {
    const { node, run } = this.#entry(id);
    if (node.kind === 'native') {
      this.#happen(id, { kind: 'started', at: this.#effects.now(), reasons: [] });
      this.#await(id, undefined, this.#effects.runNative(node.name, run));
    } else if (node.definition.action === undefined) this.#passGroup(id, node);
    else this.#startTask(id, node);
  }

  #passGroup(id: NodeId, node: TaskNode): void {
    const entry = this.#entry(id);
    const depStates = node.deps.map((dep) => this.stateOf(entry.run, dep)?.kind);
    entry.outcome = { value: undefined, digest: groupDigest(this.depDigests(entry.run, node)) };
    if (depStates.every((kind) => kind === 'up-to-date')) {
      this.#happen(id, { kind: 'found-up-to-date' });
      return;
    }
    const at = this.#effects.now();
    this.#happen(id, { kind: 'started', at, reasons: [] });
    this.#happen(id, { kind: 'succeeded', at });
  }

  #startTask(id: NodeId, node: TaskNode): void {
    const entry = this.#entry(id);
    const at = this.#effects.now();
    try {
      const verdict = this.#effects.check(node, this.depDigests(entry.run, node), entry.full);
      if (verdict.kind === 'fresh') {
        entry.outcome = verdict.outcome;
        this.#happen(id, { kind: 'found-up-to-date' });
        return;
      }
      this.#happen(id, { kind: 'started', at, reasons: verdict.reasons });
      this.#await(id, verdict.observation, this.#execute(id, node, verdict.observation));
    } catch (error) {
      const failure: TaskFailure = { reason: 'threw', error: imageOf(error) };
      this.#happen(id, { kind: 'started', at, reasons: [] });
      this.#happen(id, { kind: 'failed', at: this.#effects.now(), failure });
    }
  }

  async #execute(id: NodeId, node: TaskNode, seen: Observation): Promise<TaskOutcome> {
    const { run } = this.#entry(id);
    const results = new Map(node.deps.map((dep) => [dep, this.resultOf(run, dep)]));
    await this.#effects.begin(node);
    return this.#effects.runTask(node, seen, results, (stream, text) => {
      const at = this.#effects.now();
      this.#effects.emit({ event: 'output', at, run, task: node.name, stream, text });
    });
  }

  #await(id: NodeId, seen: Observation | undefined, running: Promise<TaskOutcome>): void {
    running.then(
      (outcome) => this.#settle(id, seen, outcome),
      (error: unknown) => this.#settle(id, seen, threw(error)),
    );
  }

  #settle(id: NodeId, seen: Observation | undefined, outcome: TaskOutcome): void {
    if (hasEnded(nodeOf(this.#plan, id).state)) return;
    this.#happen(id, this.#ending(id, seen, outcome));
    if (outcome.kind === 'cancelled') this.stop();
    if (outcome.kind === 'failed' && outcome.failure.reason === 'worker-start-failed') this.stop();
    this.#pump();
  }

  #ending(id: NodeId, seen: Observation | undefined, outcome: TaskOutcome): TaskEvent {
    const at = this.#effects.now();
    if (outcome.kind === 'cancelled') return { kind: 'cancelled' };
    if (outcome.kind === 'failed') return { kind: 'failed', at, failure: outcome.failure };
    const entry = this.#entry(id);
    if (entry.node.kind === 'native' || seen === undefined) {
      entry.outcome = { value: outcome.value, digest: freshDigest() };
      return { kind: 'succeeded', at };
    }
    const { state } = nodeOf(this.#plan, id);
    const tookMs = state.kind === 'running' ? at - state.since : 0;
    try {
      const finished = this.#effects.finish(entry.node, seen, outcome.value, tookMs);
      if (finished.kind === 'outputs-missing') {
        const failure: TaskFailure = { reason: 'outputs-missing', paths: finished.paths };
        return { kind: 'failed', at, failure };
      }
      entry.outcome = finished.outcome;
      return { kind: 'succeeded', at };
    } catch (error) {
      return { kind: 'failed', at, failure: { reason: 'threw', error: imageOf(error) } };
    }
  }

  /** The one place where something happens to a task: plan, events and whoever waits hear of it. */
  #happen(id: NodeId, event: TaskEvent): void {
    this.#tell([{ id, event }, ...record(this.#plan, id, event)]);
  }

  #tell(changes: readonly Change[]): void {
    for (const { id, event } of changes) {
      const { node, run } = this.#entry(id);
      const { state } = nodeOf(this.#plan, id);
      const at = this.#effects.now();
      if (event.kind === 'started') {
        const { reasons } = event;
        const isGroup = !isAction(node);
        this.#effects.emit({ event: 'task-started', at, run, task: node.name, isGroup, reasons });
      } else if (hasEnded(state)) {
        this.#effects.emit({
          event: 'task-ended',
          at,
          run,
          task: node.name,
          isGroup: !isAction(node),
          state,
          ...(node.kind === 'task' && { place: node.definition.place }),
        });
        this.#onEnded(run, node.name);
      }
    }
  }

  #announce(run: number, node: GraphNode): void {
    const at = this.#effects.now();
    const { name: task, deps } = node;
    this.#effects.emit({ event: 'task-wanted', at, run, task, isGroup: !isAction(node), deps });
  }

  #outcomeOf(run: number, name: string): Outcome {
    const id = this.#ids.get(run)?.get(name);
    const outcome = id === undefined ? undefined : this.#entries.get(id)?.outcome;
    if (outcome === undefined) throw new Error(`Internal error: '${name}' has no outcome yet`);
    return outcome;
  }

  #entry(id: NodeId): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`Internal error: no entry ${id}`);
    return entry;
  }
}

/** One task never runs twice at a time, even in two runs: its own name is a lock of it. */
function locksOf(node: GraphNode): readonly string[] {
  if (!isAction(node) || node.kind === 'native') return [];
  return [...node.locks.map((name) => `lock ${name}`), `task ${node.name}`];
}

function isAction(node: GraphNode): boolean {
  return node.kind === 'task' && node.definition.action !== undefined;
}

function idIn(ids: ReadonlyMap<string, NodeId>, name: string): NodeId {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`Internal error: '${name}' is not in its run`);
  return id;
}

function threw(error: unknown): TaskOutcome {
  return { kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } };
}
