import type { Settled } from '../graph/settled.ts';
import type { Waiting } from '../model/blocker.ts';
import type { TaskFailure } from '../model/failure.ts';
import type { NestedCall } from '../model/nested-call.ts';
import type { TaskNode } from '../model/node.ts';
import type { FailureMode } from '../model/options.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import { hasEnded, type TaskEvent, type TaskState } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import { type Move, nextMove } from '../plan/next-move.ts';
import { emptyPlan, nodeOf, type Plan, unstarted } from '../plan/plan.ts';
import { record } from '../plan/record.ts';
import { discard, forgetFailures, renumberRun } from '../plan/renew.ts';
import { stalledWaits } from '../plan/waits.ts';
import type { Effects } from './effects.ts';
import { Entries, type Entry } from './entries.ts';
import type { Ended } from './execution.ts';
import { type Addition, type PlanningParts, planMoreDeps, planNodes } from './into-plan.ts';
import { NestedWaits } from './nested-waits.ts';
import { ParkedTasks } from './parked-tasks.ts';
import { readersAmong } from './readers-among.ts';
import { type Renewal, ReplacedNodes } from './replaced-nodes.ts';
import { isService } from './service-ways.ts';
import type { Swept } from './sweep.ts';
import { type RunSweepParts, sweepRun } from './sweep-run.ts';
import { lockName } from './task-locks.ts';
import { TaskNews } from './task-news.ts';
import { TaskStarts } from './task-starts.ts';
import { waitingTasks } from './waiting-tasks.ts';

/** Whom the executor talks to besides its effects. */
export interface ExecutorListener {
  /** A node of a run has ended. */
  ended(run: number, name: string): void;
  /** Nodes of a run are up to date, as was found before anything else. */
  swept(run: number, found: readonly Swept[]): void;
  /** As `swept`, of tasks that have no nodes yet. */
  settled(run: number, settled: Settled): void;
  /** A node of a run has ended that another one had taken the place of. */
  dropped(run: number): void;
  /** A running task asks the build for something; rejects with what the task is to get. */
  asked(run: number, name: string, call: NestedCall): Promise<unknown>;
  /** What a run needs itself: services, and groups in the way to them. */
  keptServices(run: number): Iterable<string>;
}

/** The limits of an executor. */
export interface ExecutorLimits {
  readonly slotCount: number;
  readonly capacities: ReadonlyMap<string, number>;
  readonly maxParked: number;
  readonly failureMode: FailureMode;
}

/**
 * Drives all runs of a process: what can start is started, whatever ends is recorded, and every
 * change goes through `#happen`. Runs share slots and locks; two runs never execute one task at a
 * time.
 */
export class Executor {
  readonly waits: NestedWaits;
  readonly #plan: Plan;
  readonly #effects: Effects;
  readonly #listener: ExecutorListener;
  readonly #failureMode: FailureMode;
  readonly #entries: Entries;
  readonly #replaced: ReplacedNodes;
  readonly #parts: RunSweepParts & PlanningParts;
  readonly #news: TaskNews;
  readonly #parked: ParkedTasks;
  readonly #starts: TaskStarts;
  #isPumping = false;
  #isStopping = false;
  /** Whether it has stopped by itself, since no worker could be started. */
  #isTroubled = false;

  constructor(limits: ExecutorLimits, effects: Effects, listener: ExecutorListener) {
    const { slotCount, maxParked } = limits;
    const capacities = new Map([...limits.capacities].map(([name, n]) => [lockName(name), n]));
    this.#plan = emptyPlan({ slotCount, capacities, maxParked });
    this.#entries = new Entries(this.#plan);
    this.#replaced = new ReplacedNodes(this.#plan, this.#entries);
    this.#failureMode = limits.failureMode;
    this.#effects = effects;
    this.#listener = listener;
    const keptServices = (run: number): Iterable<string> => listener.keptServices(run);
    this.#parts = { plan: this.#plan, entries: this.#entries, effects, keptServices };
    this.waits = new NestedWaits(this.#plan, {
      idOf: (run, name) => this.#entries.plannedIdOf(run, name),
      resultOf: (run, name) => this.resultOf(run, name),
      tell: (changes) => this.#news.tell(changes),
      parked: () => this.#pump(),
      resume: (id, goOn) => this.#parked.resume(id, goOn),
    });
    this.#news = new TaskNews({
      plan: this.#plan,
      entries: this.#entries,
      effects,
      waits: this.waits,
      ended: (run, name) => listener.ended(run, name),
    });
    this.#parked = new ParkedTasks(this.#plan, {
      tell: (changes) => this.#news.tell(changes),
      pump: () => this.#pump(),
      isWaiting: (id) => this.waits.isWaiting(id),
    });
    this.#starts = new TaskStarts({
      entries: this.#entries,
      parked: this.#parked,
      effects,
      happen: (id, event) => this.#happen(id, event),
      settle: (id, ended) => this.#settle(id, ended),
      isStopping: () => this.#isStopping,
      asked: (run, name, call) => listener.asked(run, name, call),
    });
  }

  /** Whether tasks may be found to be up to date before anything else is done. */
  maySweep(mustRun: boolean): boolean {
    return this.#news.isAllOver && !mustRun && !this.#isStopping;
  }

  /** Takes tasks into a run that are up to date, as long as `maySweep` holds. */
  settle(run: number, settled: Settled): void {
    this.#entries.addSettled(run, settled);
    this.#effects.emitSettled(settled.size);
    this.#listener.settled(run, settled);
  }

  /** Takes nodes into a run and starts what can start. */
  add(addition: Addition): void {
    this.#add(addition, new Map());
  }

  /**
   * Lets nodes come about again. What runs of them ends first, or is stopped, and its end is not
   * told: `task-outdated` is. What makes files anew starts when nothing runs any more that was
   * reading them.
   *
   * @returns How many of them had not started and are not going to end therefore.
   */
  renew({ run, full, names, interrupt }: Renewal): number {
    if (this.#isTroubled) this.#isStopping = false;
    this.#isTroubled = false;
    const { nodes, unstarted, underWay } = this.#replaced.takeOut({ run, names });
    const reading = underWay.map((id) => this.#entries.of(id).node.name);
    for (const id of underWay) {
      const { node, stop } = this.#entries.of(id);
      // What it waits for from inside may be gone; a service as it was may never be ready.
      const isVain = this.waits.isWaiting(id) || isService(node);
      if (interrupt || isVain) stop?.abort();
    }
    this.#news.expect(-unstarted.length);
    forgetFailures(this.#plan, run);
    this.#news.tell(discard(this.#plan, unstarted));
    this.#add({ run, full, nodes, changed: [] }, readersAmong(nodes, reading));
    return unstarted.length;
  }

  /** Starts services of a run anew that have ended, with groups in the way to them. */
  restart(run: number, names: readonly string[]): void {
    const { nodes } = this.#replaced.takeOut({ run, names });
    this.#add({ run, full: false, nodes, changed: [], mustRun: true }, new Map());
  }

  /** Gives a run another number, all of whose nodes have ended. */
  renumber(from: number, to: number): void {
    this.#entries.renumber(from, to);
    renumberRun(this.#plan, from, to);
  }

  #add(
    { run, full, nodes, changed, mustRun = full }: Addition,
    readers: ReadonlyMap<string, readonly string[]>,
  ): void {
    const fresh = this.maySweep(mustRun) ? sweepRun(run, nodes, this.#parts) : none;
    this.#news.wanted(run, nodes, fresh);
    if (fresh.length > 0) this.#listener.swept(run, fresh);
    const left =
      fresh.length === nodes.length
        ? none
        : nodes.filter(({ name }) => fresh.length === 0 || !this.#entries.isSwept(run, name));
    this.#entries.add({ run, full }, left, readers);
    this.#news.expect(left.length);
    this.#news.tell(planNodes(run, left, this.#parts));
    for (const node of changed) this.#news.tell(planMoreDeps(run, node, this.#parts));
    if (this.#isStopping) this.stop();
    else this.#pump();
  }

  /** Where a task of a run stands. */
  stateOf(run: number, name: string): TaskState | undefined {
    return this.#entries.stateOf(run, name);
  }

  /** Why a task of a run was started or its outputs were put back; empty if neither was done. */
  reasonsOf(run: number, name: string): readonly StaleReason[] {
    return this.#entries.reasonsOf(run, name);
  }

  /** What the task returned; undefined if it has not succeeded. */
  resultOf(run: number, name: string): unknown {
    return this.#entries.outcomeOf(run, name)?.value;
  }

  /** Up to `limit` tasks that do not go on, and why. */
  waiting(limit: number): Waiting[] {
    return waitingTasks(this.#entries, this.#plan, limit);
  }

  /** Forgets what others of the run have taken the place of; all of it has ended. */
  forgetReplaced(run: number): void {
    this.#replaced.forget(run);
  }

  /** Forgets a run all of whose tasks have ended. */
  forget(run: number): void {
    this.forgetReplaced(run);
    this.#entries.forget(run);
  }

  /** Starts nothing any more; what has not started is cancelled, what runs is left to end. */
  stop(): void {
    this.#isStopping = true;
    this.#cancelUnstarted();
  }

  /** Tells everything that runs to end at once. */
  abortAll(): void {
    for (const [, { stop }] of this.#entries.all()) stop?.abort();
  }

  /** Fails tasks that run in this process and cannot end any more. */
  failInProcess(failure: TaskFailure, isHere: (node: TaskNode) => boolean): void {
    for (const [id, { node, run, isOutdated }] of this.#entries.all()) {
      if (isOutdated || this.stateOf(run, node.name)?.kind !== 'running') continue;
      if (node.kind === 'task' && !isHere(node)) continue;
      this.#happen(id, { kind: 'failed', at: this.#effects.now(), failure });
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      do {
        for (let move = this.#next(); move !== undefined; move = this.#next()) {
          if (move.kind === 'start') this.#starts.start(move.id);
          else this.#parked.goOn(move.id);
        }
      } while (this.waits.refuse(stalledWaits(this.#plan)));
    } finally {
      this.#isPumping = false;
    }
  }

  #next(): Move | undefined {
    for (;;) {
      const move = nextMove(this.#plan);
      if (move?.kind !== 'start' || !this.#isStopping) return move;
      this.#happen(move.id, { kind: 'cancelled' });
    }
  }

  #settle(id: NodeId, { event, outcome }: Ended): void {
    if (hasEnded(nodeOf(this.#plan, id).state)) return;
    const entry = this.#entries.of(id);
    entry.outcome = outcome;
    entry.stop = undefined;
    if (entry.isOutdated) {
      this.#drop(id, entry);
      return;
    }
    this.#happen(id, event);
    const isNoWorker = event.kind === 'failed' && event.failure.reason === 'worker-start-failed';
    if (isNoWorker && !this.#isStopping) this.#isTroubled = true;
    if (isNoWorker || (event.kind === 'cancelled' && this.#failureMode !== 'kill')) this.stop();
    this.#pump();
  }

  /** Ends a task whose place another one has taken. */
  #drop(id: NodeId, entry: Entry): void {
    const { run } = entry;
    const changes = record(this.#plan, id, { kind: 'cancelled' });
    this.#news.outdated(id, entry);
    this.#news.tell(changes);
    this.#replaced.add(run, id);
    this.#listener.dropped(run);
    this.#pump();
  }

  /** The one place where something happens to a task: plan, events and whoever waits hear of it. */
  #happen(id: NodeId, event: TaskEvent): void {
    this.#news.tell([{ id, event }, ...record(this.#plan, id, event)]);
    if (event.kind !== 'failed' || this.#failureMode === 'continue') return;
    const { run } = this.#entries.of(id);
    this.#cancelUnstarted(run);
    if (this.#failureMode === 'no-new') return;
    for (const other of this.#entries.idsOf(run)) this.#entries.of(other).stop?.abort();
  }

  #cancelUnstarted(run?: number): void {
    for (const id of unstarted(this.#plan, run)) {
      // One may have ended by what came of another.
      if (!hasEnded(nodeOf(this.#plan, id).state)) this.#happen(id, { kind: 'cancelled' });
    }
  }
}

const none: readonly never[] = [];
