import { closureOf } from '../graph/closure-of.ts';
import type { Settled } from '../graph/settled.ts';
import type { Waiting } from '../model/blocker.ts';
import type { TaskFailure } from '../model/failure.ts';
import { RunFailed, type RunResult } from '../model/run-result.ts';
import { hasSucceeded, successOf } from '../model/state.ts';
import { Executor, type ExecutorLimits } from './executor.ts';
import { answerInside, type InsideParts } from './inside-requests.ts';
import type { LastingRun } from './lasting-run.ts';
import { type LastingParts, openLastingRun } from './open-lasting-run.ts';
import type { LastingRequest, Request, Root } from './request.ts';
import type { Run } from './run.ts';
import { RunGrowth } from './run-growth.ts';
import { resultOf } from './run-summary.ts';
import { Runs } from './runs.ts';
import type { SessionEffects } from './session-effects.ts';
import { SessionServices } from './session-services.ts';
import { type Standing, Standings } from './standings.ts';
import type { Swept } from './sweep.ts';

/**
 * Turns requests into runs. Requests share a run, in which each task is executed at most once; a
 * run lasts while a request is open or a root that used it is in progress.
 */
export class Session {
  readonly #effects: SessionEffects;
  readonly #executor: Executor;
  readonly #runs: Runs;
  readonly #growth: RunGrowth;
  readonly #parts: InsideParts & LastingParts;
  readonly #services: SessionServices<Run>;
  readonly #standings: Standings;
  /** Called when nothing is to be started any more. */
  readonly #whenStopped = new Set<() => void>();
  #wasStopped = false;

  constructor(limits: ExecutorLimits, effects: SessionEffects) {
    this.#effects = effects;
    this.#executor = new Executor(limits, effects, {
      ended: (run, name) => this.#onEnded(run, name),
      swept: (run, found) => this.#onSwept(run, found),
      settled: (run, settled) => this.#onSettled(run, settled),
      dropped: (run) => this.#onDropped(run),
      asked: (run, name, call) => answerInside(run, name, call, this.#parts),
      keptServices: (id) => {
        const run = this.#runs.find(id);
        return run === undefined ? [] : this.#services.neededBy(run);
      },
    });
    this.#runs = new Runs({
      now: () => effects.now(),
      emit: (event) => effects.emit(event),
      beginRun: () => effects.beginRun(),
      runsOver: () => effects.runsOver(),
      afterThisTurn: (run) => effects.afterThisTurn(run),
      stateOf: (run, name) => this.#executor.stateOf(run.id, name),
      closed: (run) => this.#onClosed(run),
    });
    this.#standings = new Standings(this.#runs, (run, name) =>
      this.#executor.stateOf(run.id, name),
    );
    this.#services = new SessionServices<Run>({
      stateOf: (run, name) => this.#executor.stateOf(run.id, name),
      isServiceAlive: (name) => effects.isServiceAlive(name),
      deadServices: () => effects.deadServices(),
      stopService: (name) => effects.stopService(name),
      servicesGone: (names) => effects.servicesGone(names),
      restart: (run, names) => {
        run.pending += names.length;
        this.#executor.restart(run.id, names);
      },
      linger: (run, by) => this.#linger(run, by),
    });
    const made = {
      runs: this.#runs,
      executor: this.#executor,
      services: this.#services,
      effects,
    };
    this.#growth = new RunGrowth(made);
    this.#parts = { ...made, growth: this.#growth };
  }

  /** Whether there is a run: its tasks may all have ended. */
  get hasRuns(): boolean {
    return this.#runs.size > 0;
  }

  /** Whether anything is still asked for or running. */
  get isBusy(): boolean {
    return this.#runs.isBusy;
  }

  /**
   * Has tasks done. Settles when they have ended; if one of them failed, by default when all that
   * runs beside them has ended too, so that whoever exits at a failure does not cut other work short.
   *
   * @throws DefinitionError (by rejecting, before anything starts) with every problem of the request
   * @throws RunFailed if a task that was asked for has not succeeded
   */
  async request(request: Request): Promise<RunResult> {
    const grown = this.#growth.runFor(request);
    const { run, growth } = grown;
    const names = growth.wanted;
    for (const name of names) run.asked.add(name);
    run.roots.add(request.root);
    request.onTaken?.(run.id, names);
    const isOver = run.pending + growth.added.length === 0;
    const standingOf = (name: string): boolean | undefined =>
      successOf(this.#executor.stateOf(run.id, name));
    const done = run.requests.open(names, request.patience, standingOf, isOver);
    run.unanswered++;
    let result: RunResult;
    let failed: string[];
    try {
      this.#growth.take(grown);
      await done;
      if (!request.isInside && request.patience === 'all') await this.#services.gone(run, names);
      const found = this.#resultOf(run, names, request.isBrief === true);
      result = { ...found, ok: found.ok && !this.#hasUnheardFailure(run, request) };
      failed = result.ok ? [] : this.#failedIn(run);
    } finally {
      run.unanswered--;
    }
    await this.#effects.flush();
    this.rootMayHaveEnded(request.root);
    if (result.ok) return result;
    throw new RunFailed(failed, this.#wasStopped, result);
  }

  /**
   * Has tasks done in a run of their own that can be taken up again.
   *
   * @throws DefinitionError with every problem of the request; nothing has started then
   */
  lasting(request: LastingRequest): LastingRun {
    return openLastingRun(request, this.#parts);
  }

  /** Whether a service runs. */
  get hasServices(): boolean {
    return this.#effects.hasServices();
  }

  /** A service has ended that was ready. */
  serviceGone(name: string): void {
    this.#services.serviceGone(name);
  }

  /** Calls `run` once `stop` is called; the returned function prevents that. */
  onStop(run: () => void): () => void {
    this.#whenStopped.add(run);
    return () => this.#whenStopped.delete(run);
  }

  /** Whether somebody waits for `stop`: then the process does not end before it. */
  get isWatched(): boolean {
    return this.#whenStopped.size > 0;
  }

  /** Looks again whether runs that `root` used are over. */
  rootMayHaveEnded(root: Root): void {
    this.#runs.rootMayHaveEnded(root);
  }

  /** How each task stands that has been wanted since the last `forget`, by full name. */
  standings(): ReadonlyMap<string, Standing> {
    return this.#standings.all();
  }

  /** How one task stands; undefined if it has not been wanted. */
  standingOf(name: string): Standing | undefined {
    return this.#standings.of(name);
  }

  /** Takes in tasks that were up to date before it was there. */
  takeSettled(settled: Settled): void {
    this.#standings.settled(settled);
  }

  /** Up to `limit` tasks that do not go on, and why. */
  waiting(limit: number): Waiting[] {
    return this.#executor.waiting(limit);
  }

  /** Resolves when nothing is asked for and nothing runs. */
  idle(): Promise<void> {
    return this.#runs.idle();
  }

  /** Forgets how tasks stood. Nothing may be running. */
  forget(): void {
    this.closeAll();
    this.#standings.forget();
  }

  /** Starts nothing any more; requests settle when what is running has ended. */
  stop(): void {
    this.#wasStopped = true;
    this.#executor.stop();
    for (const run of this.#whenStopped) run();
  }

  /** Tells everything that runs to end. */
  abortAll(): void {
    this.#executor.abortAll();
    this.#effects.stopServices();
  }

  /** Fails what runs in this process and can never end, because nothing is pending any more. */
  failInProcess(failure: TaskFailure): void {
    this.#executor.failInProcess(failure, (node) => this.#effects.isHere(node));
  }

  /** Ends every run, for the summary, when the process exits. */
  closeAll(): void {
    this.#runs.closeAll();
  }

  #onEnded(id: number, name: string): void {
    const run = this.#runs.find(id);
    const state = this.#executor.stateOf(id, name);
    if (run === undefined || state === undefined) return;
    run.pending--;
    if (hasSucceeded(state)) run.lasting?.left.delete(name);
    else run.lasting?.left.add(name);
    this.#standings.ended(name, { state, value: this.#executor.resultOf(id, name) });
    this.#services.taskEnded(run, name, state);
    run.requests.ended(name, hasSucceeded(state), run.pending === 0);
    this.#runs.mayBeOver(run);
  }

  #onSwept(id: number, found: readonly Swept[]): void {
    const run = this.#runs.find(id);
    if (run === undefined) return;
    this.#standings.swept(found);
    run.pending -= found.length;
    for (const { node } of found) run.requests.ended(node.name, true, false);
    if (run.pending === 0) run.requests.over();
    this.#runs.mayBeOver(run);
  }

  #onSettled(id: number, settled: Settled): void {
    const run = this.#runs.find(id);
    if (run === undefined) return;
    this.#standings.settled(settled);
    for (const name of run.asked) if (settled.has(name)) run.requests.ended(name, true, false);
    if (run.pending === 0) run.requests.over();
    this.#runs.mayBeOver(run);
  }

  #linger(run: Run, by: 1 | -1): void {
    run.pending += by;
    if (run.pending === 0) run.requests.over();
    this.#runs.mayBeOver(run);
  }

  #onClosed(run: Run): void {
    // At the exit of the process it may be that something runs, which nobody will hear of.
    if (run.pending !== 0) return;
    if (run.lasting === undefined) {
      this.#executor.forget(run.id);
      this.#services.released(run);
    } else this.#executor.forgetReplaced(run.id);
  }

  #onDropped(id: number): void {
    const run = this.#runs.find(id);
    if (run === undefined) return;
    run.pending--;
    this.#runs.mayBeOver(run);
  }

  #resultOf(run: Run, names: readonly string[], isBrief: boolean): RunResult {
    const needed = isBrief ? [] : closureOf(run.graph, names).map((node) => node.name);
    return resultOf(names, needed, this.#effects.now() - run.startedAt, {
      stateOf: (name) => this.#executor.stateOf(run.id, name),
      reasonsOf: (name) => this.#executor.reasonsOf(run.id, name),
      valueOf: (name) => this.#executor.resultOf(run.id, name),
    });
  }

  /** A failure that no task has waited for is told to whoever waits for the run. */
  #hasUnheardFailure(run: Run, { patience }: Request): boolean {
    if (patience === 'named') return false;
    return [...run.unawaited].some(
      (name) => successOf(this.#executor.stateOf(run.id, name)) === false,
    );
  }

  #failedIn(run: Run): string[] {
    return [...run.graph.keys()].filter(
      (name) => this.#executor.stateOf(run.id, name)?.kind === 'failed',
    );
  }
}
