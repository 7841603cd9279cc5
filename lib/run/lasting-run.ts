import { type Dependants, dependantsIn, withDependants } from '../graph/dependants.ts';
import type { GraphNode } from '../model/node.ts';
import type { TaskState } from '../model/state.ts';

/** What a lasting run asks of the session. */
export interface LastingEffects {
  stateOf(name: string): TaskState | undefined;
  /** Who has asked for a task from inside. */
  askersOf(name: string): Iterable<string>;
  /** Lets these come about again, all of which are in the graph. */
  renew(names: readonly string[], terms: RenewalTerms): void;
  /** Tasks that have ended and not succeeded, and services that have died. */
  left(): Iterable<string>;
  /** Forgets the run once it is over; resolves when nothing is left of its services. */
  end(): Promise<void>;
}

/** How tasks come about again. */
export interface RenewalTerms {
  /** Execute them, up to date or not. */
  readonly full: boolean;
  /** Stop what runs of them instead of letting it end. */
  readonly interrupt: boolean;
}

/** A run that is over when its tasks have ended, and can be taken up again at any time. */
export class LastingRun {
  readonly graph: ReadonlyMap<string, GraphNode>;
  readonly #effects: LastingEffects;
  #dependants: { readonly of: Dependants; readonly size: number } | undefined;

  constructor(graph: ReadonlyMap<string, GraphNode>, effects: LastingEffects) {
    this.graph = graph;
    this.#effects = effects;
  }

  /** Where a task stands. */
  stateOf(name: string): TaskState | undefined {
    return this.#effects.stateOf(name);
  }

  /**
   * Lets tasks come about again, with all that needs them, all that has not succeeded and services
   * that have died: what is up to date then ends at once.
   */
  again(names: Iterable<string>, terms: RenewalTerms): void {
    const starts = new Set(names);
    for (const name of this.#effects.left()) starts.add(name);
    const all = withDependants(starts, this.#dependantsNow(), (name) =>
      this.#effects.askersOf(name),
    );
    this.#effects.renew([...all], terms);
  }

  /** Forgets it. None of its tasks may be running; resolves when its services have ended. */
  end(): Promise<void> {
    return this.#effects.end();
  }

  /** Tasks can ask for others, and so make the graph larger. */
  #dependantsNow(): Dependants {
    if (this.#dependants?.size !== this.graph.size) {
      this.#dependants = { of: dependantsIn(this.graph), size: this.graph.size };
    }
    return this.#dependants.of;
  }
}
