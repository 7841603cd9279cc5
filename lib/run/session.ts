import type { Catalog } from '../graph/graph.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
import type { TaskFailure } from '../model/failure.ts';
import type { GraphNode } from '../model/node.ts';
import { type EndState, hasEnded, hasSucceeded } from '../model/state.ts';
import { tallyOf } from '../report/tally.ts';
import type { Effects } from './effects.ts';
import { Executor } from './executor.ts';
import { RunFailed } from './run-failed.ts';

/** What a chain of gulp tasks hangs from: one command line, one trigger of a watch. */
export interface Root {
  isInProgress(): boolean;
}

/** A wish to have tasks done. */
export interface Request {
  readonly names: readonly string[];
  readonly root: Root;
  /** Whether it comes from inside a gulp task in progress: only then may it join ended tasks. */
  readonly isInside: boolean;
  readonly full: boolean;
}

/** The session's effects: those of the executor, and what runs as a whole need. */
export interface SessionEffects extends Effects {
  /** Whether the inputs of a task are still what they were when it was last checked. */
  inputsUnchanged(node: GraphNode): boolean;
  /** Resolves when what the cache was told is on disk. Never rejects. */
  flush(): Promise<void>;
  /** Calls `run` after everything that is due in this turn of the event loop. */
  afterThisTurn(run: () => void): void;
}

interface Run {
  readonly id: number;
  readonly full: boolean;
  readonly startedAt: number;
  readonly graph: Map<string, GraphNode>;
  readonly roots: Set<Root>;
  readonly waiting: Set<OpenRequest>;
  /** How many nodes have not ended. */
  pending: number;
}

interface OpenRequest {
  readonly wanted: Set<string>;
  readonly names: readonly string[];
  readonly settle: () => void;
}

/**
 * Turns requests into runs. Requests share a run, in which each task is executed at most once; a
 * run lasts while a request is open or a root that used it is in progress.
 */
export class Session {
  readonly #effects: SessionEffects;
  readonly #executor: Executor;
  readonly #runs = new Map<number, Run>();
  #current: Run | undefined;
  #lastRun = 0;
  #wasStopped = false;

  constructor(slotCount: number, effects: SessionEffects) {
    this.#effects = effects;
    this.#executor = new Executor(slotCount, effects, (run, name) => this.#onEnded(run, name));
  }

  /** Whether anything is still asked for. */
  get isBusy(): boolean {
    return [...this.#runs.values()].some((run) => run.waiting.size > 0);
  }

  /**
   * Has tasks done. Settles when they have ended; if one of them failed, when all that runs beside
   * them has ended too, so that whoever exits at a failure does not cut other work short.
   *
   * @throws DefinitionError (by rejecting, before anything starts) with every problem of the request
   * @param onRun Told the number of the run that the request joined or began.
   * @throws RunFailed if a task that was asked for has not succeeded
   */
  async request(request: Request, catalog: Catalog, onRun: (run: number) => void): Promise<void> {
    const { run, growth } = this.#runFor(request, catalog);
    onRun(run.id);
    for (const node of growth.added) run.graph.set(node.name, node);
    run.pending += growth.added.length;
    run.roots.add(request.root);
    await new Promise<void>((settle) => {
      const wanted = new Set(growth.wanted.filter((name) => !this.#hasEnded(run, name)));
      run.waiting.add({ wanted, names: growth.wanted, settle });
      this.#executor.add(run.id, run.full, growth.added);
      this.#settleRequests(run);
    });
    await this.#effects.flush();
    const failed = growth.wanted.some((name) => !this.#hasSucceeded(run, name));
    const error = failed ? this.#errorOf(run) : undefined;
    this.rootMayHaveEnded(request.root);
    if (error !== undefined) throw error;
  }

  /** Looks again whether runs that `root` used are over. */
  rootMayHaveEnded(root: Root): void {
    this.#effects.afterThisTurn(() => {
      for (const run of this.#runs.values()) if (run.roots.has(root)) this.#closeIfOver(run);
    });
  }

  /** Starts nothing any more; requests settle when what is running has ended. */
  stop(): void {
    this.#wasStopped = true;
    this.#executor.stop();
  }

  /** Fails what runs in this process and can never end, because nothing is pending any more. */
  failInProcess(failure: TaskFailure): void {
    this.#executor.failInProcess(failure);
  }

  /** Ends every run, for the summary, when the process exits. */
  closeAll(): void {
    for (const run of this.#runs.values()) this.#close(run);
  }

  #runFor(request: Request, catalog: Catalog): { run: Run; growth: Growth } {
    const current = this.#current;
    if (current !== undefined && (current.full || !request.full)) {
      const growth = growGraph(current.graph, request.names, catalog);
      if (this.#mayJoin(current, growth, request.isInside)) return { run: current, growth };
    }
    const growth = growGraph(new Map(), request.names, catalog);
    const run: Run = {
      id: ++this.#lastRun,
      full: request.full,
      startedAt: this.#effects.now(),
      graph: new Map(),
      roots: new Set(),
      waiting: new Set(),
      pending: 0,
    };
    this.#runs.set(run.id, run);
    this.#current = run;
    this.#effects.emit({ event: 'run-started', at: run.startedAt, run: run.id });
    if (current !== undefined) this.#closeIfOver(current);
    return { run, growth };
  }

  /** Whether what has started already in the run is still what the request would get. */
  #mayJoin(run: Run, growth: Growth, isInside: boolean): boolean {
    const starts = [...growth.wanted, ...growth.added.flatMap((node) => node.deps)];
    return closureOf(run.graph, starts).every((node) => {
      const state = this.#executor.stateOf(run.id, node.name);
      if (state === undefined || state.kind === 'wanted') return true;
      if (hasEnded(state) && !isInside) return false;
      return this.#effects.inputsUnchanged(node);
    });
  }

  #onEnded(id: number, name: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.pending--;
    for (const request of run.waiting) request.wanted.delete(name);
    this.#settleRequests(run);
  }

  #settleRequests(run: Run): void {
    for (const request of run.waiting) {
      const isDone = request.wanted.size === 0;
      if (!isDone) continue;
      const allWell = request.names.every((name) => this.#hasSucceeded(run, name));
      if (!allWell && run.pending > 0) continue;
      run.waiting.delete(request);
      request.settle();
    }
  }

  #closeIfOver(run: Run): void {
    if (run.waiting.size > 0 || run.pending > 0) return;
    const isHeld = run === this.#current && [...run.roots].some((root) => root.isInProgress());
    if (!isHeld) this.#close(run);
  }

  #close(run: Run): void {
    this.#runs.delete(run.id);
    if (this.#current === run) this.#current = undefined;
    const at = this.#effects.now();
    const counts = tallyOf(this.#endStates(run));
    const tookMs = at - run.startedAt;
    this.#effects.emit({ event: 'run-ended', at, run: run.id, tookMs, counts });
    this.#executor.forget(run.id);
  }

  *#endStates(run: Run): Iterable<{ isGroup: boolean; state: EndState }> {
    for (const node of run.graph.values()) {
      const state = this.#executor.stateOf(run.id, node.name);
      const isGroup = node.kind === 'native' || node.definition.action === undefined;
      if (state !== undefined) {
        yield { isGroup, state: hasEnded(state) ? state : { kind: 'cancelled' } };
      }
    }
  }

  #errorOf(run: Run): RunFailed {
    const failed = [...run.graph.keys()].filter(
      (name) => this.#executor.stateOf(run.id, name)?.kind === 'failed',
    );
    return new RunFailed(failed, this.#wasStopped);
  }

  #hasEnded(run: Run, name: string): boolean {
    const state = this.#executor.stateOf(run.id, name);
    return state !== undefined && hasEnded(state);
  }

  #hasSucceeded(run: Run, name: string): boolean {
    const state = this.#executor.stateOf(run.id, name);
    return state !== undefined && hasSucceeded(state);
  }
}

/** All nodes of the graph that `names` need, themselves included. */
function closureOf(graph: ReadonlyMap<string, GraphNode>, names: readonly string[]): GraphNode[] {
  const found = new Map<string, GraphNode>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const node = graph.get(name);
    if (node === undefined || found.has(name)) continue;
    found.set(name, node);
    for (const dep of node.deps) pending.push(dep);
  }
  return [...found.values()];
}
