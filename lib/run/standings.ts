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

  /** All of them, by full name. */
  all(): ReadonlyMap<string, Standing> {
    const all = new Map(this.#history);
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
    return this.#history.get(name);
  }

  /** Forgets those of tasks that have ended. */
  forget(): void {
    this.#history.clear();
  }
}

const upToDate: Standing = { state: { kind: 'up-to-date' }, value: undefined };
