import type { TaskState } from '../model/state.ts';
import type { Root } from './request.ts';
import { emptyRun, type Lasting, membersOf, type Run } from './run.ts';
import { countsOf } from './run-summary.ts';
import type { SessionEffects } from './session-effects.ts';

/** What runs ask for and bring about. */
export interface RunsEffects
  extends Pick<SessionEffects, 'now' | 'emit' | 'beginRun' | 'runsOver' | 'afterThisTurn'> {
  stateOf(run: Run, name: string): TaskState | undefined;
  /** A run is over for now, or for good if it does not last. */
  closed(run: Run): void;
}

/**
 * The runs of a session from their beginnings to their ends: a run lasts while a request is open or a
 * root that used it is in progress.
 */
export class Runs {
  readonly #effects: RunsEffects;
  readonly #open = new Map<number, Run>();
  #whenIdle: (() => void)[] = [];
  #current: Run | undefined;
  #lastId = 0;

  constructor(effects: RunsEffects) {
    this.#effects = effects;
  }

  /** How many are open: all of their tasks may have ended. */
  get size(): number {
    return this.#open.size;
  }

  /** The one that requests join if they can. */
  get current(): Run | undefined {
    return this.#current;
  }

  /** Whether anything is still asked for or running. */
  get isBusy(): boolean {
    for (const run of this.#open.values())
      if (run.requests.size > 0 || run.pending > 0) return true;
    return false;
  }

  /** All that are open. */
  all(): Iterable<Run> {
    return this.#open.values();
  }

  /** An open one; undefined if it is over. */
  find(id: number): Run | undefined {
    return this.#open.get(id);
  }

  /** Makes a run that has not begun. */
  create(full: boolean, lasting: Lasting | undefined): Run {
    return emptyRun({ id: ++this.#lastId, full, startedAt: this.#effects.now() }, lasting);
  }

  /** A run begins. */
  open(run: Run): void {
    this.#open.set(run.id, run);
    this.#effects.beginRun();
    this.#effects.emit({ event: 'run-started', at: run.startedAt, run: run.id });
  }

  /** Makes as good as new a run that is over and has not begun again. */
  renumber(run: Run): void {
    run.id = ++this.#lastId;
    run.startedAt = this.#effects.now();
    run.lasting?.members.clear();
  }

  /** From now on it is this one that requests join if they can. */
  makeCurrent(run: Run): void {
    const before = this.#current;
    this.#current = run;
    if (before !== undefined) this.#closeIfOver(before);
  }

  /** Less of a run is pending than before: it may be over. */
  mayBeOver(run: Run): void {
    if (run.pending > 0) return;
    this.#wakeIfIdle();
    for (const root of run.roots) this.rootMayHaveEnded(root);
  }

  /** Looks again, after this turn, whether runs that `root` used are over. */
  rootMayHaveEnded(root: Root): void {
    this.#effects.afterThisTurn(() => {
      for (const run of this.#open.values()) if (run.roots.has(root)) this.#closeIfOver(run);
    });
  }

  /** Resolves when nothing is asked for and nothing runs. */
  async idle(): Promise<void> {
    while (this.isBusy) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends every run. */
  closeAll(): void {
    for (const run of this.#open.values()) this.#close(run);
  }

  #wakeIfIdle(): void {
    if (this.#whenIdle.length === 0) return;
    this.#effects.afterThisTurn(() => {
      if (this.isBusy) return;
      const waiting = this.#whenIdle;
      this.#whenIdle = [];
      for (const wake of waiting) wake();
    });
  }

  #closeIfOver(run: Run): void {
    if (run.requests.size + run.unanswered > 0 || run.pending > 0) return;
    const isHeld = run === this.#current && [...run.roots].some((root) => root.isInProgress());
    if (!isHeld) this.#close(run);
  }

  #close(run: Run): void {
    if (!this.#open.delete(run.id)) return;
    if (this.#current === run) this.#current = undefined;
    const at = this.#effects.now();
    const { unmadeCount } = run.graph;
    const made = countsOf(membersOf(run), (name) => this.#effects.stateOf(run, name));
    const counts = { ...made, upToDate: made.upToDate + unmadeCount };
    const tookMs = at - run.startedAt;
    this.#effects.emit({ event: 'run-ended', at, run: run.id, tookMs, counts });
    this.#effects.closed(run);
    if (this.#open.size === 0) this.#effects.runsOver();
    run.lasting?.onOver();
  }
}
