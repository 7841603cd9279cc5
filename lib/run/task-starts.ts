import { groupDigest } from '../cache/outcome-digest.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskFailure } from '../model/failure.ts';
import type { NestedCall } from '../model/nested-call.ts';
import type { TaskNode } from '../model/node.ts';
import type { OutputChunk } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { TaskEvent } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import type { Effects, Judgement } from './effects.ts';
import type { Entries } from './entries.ts';
import { type Ended, endOfNative, execute } from './execution.ts';
import type { ParkedTasks } from './parked-tasks.ts';
import { isService, waysToServices } from './service-ways.ts';
import { needsOf } from './sweep.ts';
import { TaskLog } from './task-log.ts';

/** What starts need of the executor. */
export interface StartParts {
  readonly entries: Entries;
  readonly parked: ParkedTasks;
  readonly effects: Effects;
  /** Lets something happen to a node. */
  happen(id: NodeId, event: TaskEvent): void;
  /** What was begun is over: from then on it may count as ended. */
  settle(id: NodeId, ended: Ended): void;
  /** Whether nothing is to be started any more. */
  isStopping(): boolean;
  /** A running task asks the build for something; rejects with what the task is to get. */
  asked(run: number, name: string, call: NestedCall): Promise<unknown>;
}

/** What becomes of a node whose turn it is: it runs, or ends at once if there is nothing to be run. */
export class TaskStarts {
  readonly #parts: StartParts;
  readonly #entries: Entries;
  readonly #effects: Effects;

  constructor(parts: StartParts) {
    this.#parts = parts;
    this.#entries = parts.entries;
    this.#effects = parts.effects;
  }

  /** Starts a node that the plan has put in hand. */
  start(id: NodeId): void {
    const { node, run } = this.#entries.of(id);
    if (node.kind === 'task') {
      if (node.definition.action === undefined) this.#passGroup(id, node);
      else this.#startTask(id, node);
      return;
    }
    this.#begin(id, []);
    if (node.kind === 'missing') {
      this.#fail(id, { reason: 'missing' });
    } else {
      const running = this.#effects.runNative(node.name, run);
      this.#await(
        id,
        running.then((outcome) => endOfNative(outcome, this.#effects)),
      );
    }
  }

  #passGroup(id: NodeId, node: TaskNode): void {
    const entry = this.#entries.of(id);
    const depStates = node.deps.map((dep) => this.#entries.stateOf(entry.run, dep)?.kind);
    entry.outcome = { value: undefined, digest: groupDigest(this.#digestsFor(entry.run, node)) };
    if (depStates.every((kind) => kind === 'up-to-date')) {
      this.#parts.happen(id, { kind: 'found-up-to-date' });
      return;
    }
    this.#begin(id, []);
    this.#parts.happen(id, { kind: 'succeeded', at: this.#effects.now() });
  }

  #startTask(id: NodeId, node: TaskNode): void {
    const entry = this.#entries.of(id);
    let verdict: Judgement;
    try {
      verdict = this.#effects.check(node, this.#digestsFor(entry.run, node), entry.full);
    } catch (error) {
      this.#begin(id, []);
      this.#fail(id, { reason: 'threw', error: imageOf(error) });
      return;
    }
    if (verdict.kind === 'fresh') {
      entry.outcome = verdict.outcome;
      this.#parts.happen(id, { kind: 'found-up-to-date' });
      return;
    }
    const dead = this.#deadService(entry.run, node);
    if (dead !== undefined) {
      this.#parts.happen(id, { kind: 'dependency-failed', cause: dead });
      return;
    }
    const reasons = verdict.kind === 'resting' ? [notRunning] : verdict.reasons;
    if (this.#restore(id, node, verdict, reasons)) return;
    this.#begin(id, reasons);
    this.#await(id, this.#execute(id, node, verdict));
  }

  /** A service that the task needs and that has died. */
  #deadService(run: number, node: TaskNode): string | undefined {
    const all = this.#effects.deadServices();
    if (all.size === 0) return undefined;
    const isDead = (name: string): boolean => all.has(name);
    const starts = { users: [node.name], wanted: [] };
    const ways = waysToServices(starts, this.#entries.nodesOf(run), isDead);
    return [...ways].find(isDead);
  }

  /** Ends the task by putting back what it made before from just this; returns whether it did. */
  #restore(
    id: NodeId,
    node: TaskNode,
    { observation }: Judgement,
    reasons: readonly StaleReason[],
  ): boolean {
    if (isService(node)) return false;
    const restored = this.#effects.restore(node, observation, reasons);
    if (restored === undefined) return false;
    const entry = this.#entries.of(id);
    entry.outcome = restored.outcome;
    entry.reasons = reasons;
    for (const chunk of restored.log) this.#emitOutput(id, chunk);
    this.#parts.happen(id, { kind: 'found-up-to-date', restored: reasons });
    return true;
  }

  #execute(id: NodeId, node: TaskNode, { observation: seen }: Judgement): Promise<Ended> {
    const entry = this.#entries.of(id);
    const { run } = entry;
    const log = this.#effects.keepsLogs ? new TaskLog() : undefined;
    const stop = new AbortController();
    entry.stop = stop;
    const task = {
      node,
      run,
      seen,
      // A dep that was skipped counts as unchanged, whatever this task has seen of it before.
      changedDeps: seen.changedDeps.filter(
        (dep) => node.deps.includes(dep) && this.#entries.stateOf(run, dep)?.kind !== 'skipped',
      ),
      results: new Map(node.deps.map((dep) => [dep, this.#entries.outcomeOf(run, dep)?.value])),
      since: this.#effects.now(),
      signal: stop.signal,
      log: () => log?.chunks ?? [],
      hasAsked: () => entry.hasAsked,
      mayRetry: () => !this.#parts.isStopping() && !stop.signal.aborted && !entry.isOutdated,
      pause: (ms: number) => this.#parts.parked.pause(id, (goOn) => this.#effects.after(ms, goOn)),
      hooks: {
        onOutput: (stream: 'stdout' | 'stderr', text: string) => {
          this.#emitOutput(id, { stream, text });
          log?.add({ stream, text });
        },
        onCall: (call: NestedCall) => {
          entry.hasAsked = true;
          return this.#answer(id, node.name, run, call);
        },
      },
    };
    return execute(task, this.#effects);
  }

  async #answer(id: NodeId, name: string, run: number, call: NestedCall): Promise<unknown> {
    if (call.kind !== 'input') return this.#parts.asked(run, name, call);
    let answer: Promise<unknown> = Promise.resolve();
    // Whoever waits for a person needs no slot.
    await this.#parts.parked.pause(id, (goOn) => {
      answer = this.#parts.asked(run, name, call);
      answer.then(goOn, goOn);
    });
    return answer;
  }

  #await(id: NodeId, running: Promise<Ended>): void {
    running.then(
      (ended) => this.#parts.settle(id, ended),
      (error: unknown) => {
        const failure: TaskFailure = { reason: 'threw', error: imageOf(error) };
        const event = { kind: 'failed', at: this.#effects.now(), failure } as const;
        this.#parts.settle(id, { event });
      },
    );
  }

  #begin(id: NodeId, reasons: readonly StaleReason[]): void {
    this.#entries.of(id).reasons = reasons;
    this.#parts.happen(id, { kind: 'started', at: this.#effects.now(), reasons });
  }

  #fail(id: NodeId, failure: TaskFailure): void {
    this.#parts.happen(id, { kind: 'failed', at: this.#effects.now(), failure });
  }

  #emitOutput(id: NodeId, { stream, text }: OutputChunk): void {
    const entry = this.#entries.find(id);
    if (entry === undefined) return;
    const { node, run } = entry;
    const at = this.#effects.now();
    this.#effects.emit({ event: 'output', at, run, task: node.name, stream, text });
  }

  /** Outcome digests of all that counts for a task, by name. */
  #digestsFor(run: number, node: TaskNode): ReadonlyMap<string, string> {
    return new Map(
      needsOf(node).map((dep) => {
        const outcome = this.#entries.outcomeOf(run, dep);
        if (outcome === undefined) throw new Error(`Internal error: '${dep}' has no outcome yet`);
        return [dep, outcome.digest];
      }),
    );
  }
}

const notRunning: StaleReason = { kind: 'not-running' };
