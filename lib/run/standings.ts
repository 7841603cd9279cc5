import type { Settled } from '../graph/settled.ts';
import { hasEnded, type TaskState } from '../model/state.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';
import type { Swept } from './sweep.ts';

/** How a task stood when it was last wanted. */
export interface Standing {
  readonly state: TaskState;
  readonly value: unknown;
}

/** How each task stands that has been wanted, over all runs, since they were last forgotten. */
export class Standings {
  readonly #runs: Runs;
  readonly #stateOf: (run: Run, name: string) => TaskState | undefined;
  /** Of every task that has ended. */
  readonly #history = new Map<string, Standing>();
  /** The last tasks that were up to date beforehand and have no nodes: all that is not in `history`. */
  #settled: Settled | undefined;

  constructor(runs: Runs, stateOf: (run: Run, name: string) => TaskState | undefined) {
    this.#runs = runs;
    this.#stateOf = stateOf;
  }

  /** A task has ended. */
  ended(name: string, standing: Standing): void {
    this.#history.set(name, standing);
  }

  /** Tasks were up to date beforehand. */
  swept(found: readonly Swept[]): void {
    for (const { node, outcome } of found) {
      const { value } = outcome;
      const standing = value === undefined ? upToDate : { state: upToDate.state, value };
      this.#history.set(node.name, standing);
    }
  }

  /** As `swept`, of tasks that have no nodes yet. */
  settled(settled: Settled): void {
    for (const name of this.#settled?.names() ?? []) {
      if (!this.#history.has(name)) this.#history.set(name, upToDate);
    }
    for (const name of this.#history.keys()) if (settled.has(name)) this.#history.delete(name);
    this.#settled = settled;
  }

  /** All of them, by full name. */
  all(): ReadonlyMap<string, Standing> {
    const all = new Map<string, Standing>();
    for (const name of this.#settled?.names() ?? []) all.set(name, upToDate);
    for (const [name, standing] of this.#history) all.set(name, standing);
    for (const run of this.#runs.all()) {
      for (const name of run.graph.keys()) {
        const state = this.#stateOf(run, name);
        if (state !== undefined && !hasEnded(state)) all.set(name, { state, value: undefined });
      }
    }
    return all;
  }

  /** How one task stands; undefined if it has not been wanted. */
  of(name: string): Standing | undefined {
    for (const run of this.#runs.all()) {
      const state = run.graph.has(name) ? this.#stateOf(run, name) : undefined;
      if (state !== undefined && !hasEnded(state)) return { state, value: undefined };
    }
    const known = this.#history.get(name);
    return known ?? (this.#settled?.has(name) === true ? upToDate : undefined);
  }

  /** Forgets those of tasks that have ended. */
  forget(): void {
    this.#history.clear();
    this.#settled = undefined;
  }
}

const upToDate: Standing = { state: { kind: 'up-to-date' }, value: undefined };
