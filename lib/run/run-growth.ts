import { closureOf } from '../graph/closure-of.ts';
import { extendGraph } from '../graph/extend-graph.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
import { hasEnded } from '../model/state.ts';
import type { Executor } from './executor.ts';
import type { Request } from './request.ts';
import { isBehind, type Lasting, type Run } from './run.ts';
import type { Runs } from './runs.ts';
import type { SessionEffects } from './session-effects.ts';
import type { SessionServices } from './session-services.ts';

/** What grows with a run, and what it is asked. */
export interface GrowthParts {
  readonly runs: Runs;
  readonly executor: Executor;
  readonly services: SessionServices<Run>;
  readonly effects: Pick<SessionEffects, 'catalog' | 'foreseen' | 'inputsUnchanged'>;
}

/** A run, and what it needs for a request. */
export interface Grown {
  readonly run: Run;
  readonly growth: Growth;
}

/** The gate through which tasks come into runs, whoever asks for them. */
export class RunGrowth {
  readonly #parts: GrowthParts;

  constructor(parts: GrowthParts) {
    this.#parts = parts;
  }

  /**
   * The run in which a request from outside is done: the current one, or a new one if it cannot join that.
   *
   * @throws DefinitionError with every problem of the request
   */
  runFor(request: Pick<Request, 'names' | 'root' | 'isInside' | 'full'>): Grown {
    const { runs } = this.#parts;
    const { names, root, isInside, full } = request;
    const { current } = runs;
    if (current !== undefined && (current.full || !full) && !isBehind(current, root)) {
      const growth = this.grow(current, names);
      if (this.#mayJoin(current, growth, isInside)) return { run: current, growth };
    }
    const begun = this.begin(names, full);
    runs.makeCurrent(begun.run);
    return begun;
  }

  /**
   * Begins a run.
   *
   * @throws DefinitionError with every problem of the names; there is no run then
   */
  begin(names: readonly string[], full: boolean, lasting?: Lasting): Grown {
    const { runs, executor, effects } = this.#parts;
    const run = runs.create(full, lasting);
    const foreseen = effects.foreseen(names);
    // A watch looks at each task; and beside others none is up to date before its turn.
    const mayUse =
      foreseen?.settled === undefined || (lasting === undefined && executor.maySweep(full));
    const growth = (mayUse ? foreseen : undefined) ?? this.grow(run, names);
    runs.open(run);
    return { run, growth };
  }

  /**
   * Works out what a run needs for `names`, and changes nothing.
   *
   * @throws DefinitionError with every problem of the names
   */
  grow(run: Run, names: readonly string[]): Growth {
    const { executor, effects } = this.#parts;
    return growGraph(run.graph, names, effects.catalog(), (name) => {
      const state = executor.stateOf(run.id, name);
      return state !== undefined && state.kind !== 'wanted';
    });
  }

  /** Takes a growth into its run; `asker` is the task that has asked for it, if one has. */
  take({ run, growth }: Grown, asker?: string): void {
    const { executor, services } = this.#parts;
    extendGraph(run.graph, growth);
    const { added, injected, settled } = growth;
    if (settled !== undefined) run.graph.settle(settled);
    services.growing(run, growth, asker);
    const changed = [...new Set(injected.map(({ target }) => target))].flatMap((name) => {
      const node = run.graph.get(name);
      return node === undefined ? [] : [node];
    });
    run.pending += added.length;
    for (const { name } of added) run.lasting?.members.add(name);
    if (settled !== undefined) executor.settle(run.id, settled);
    executor.add({ run: run.id, full: run.full, nodes: added, changed });
    services.grown(run);
  }

  /** Whether what has started already in the run is still what the request would get. */
  #mayJoin(run: Run, growth: Growth, isInside: boolean): boolean {
    const { executor, effects } = this.#parts;
    const starts = [...growth.wanted, ...growth.added.flatMap((node) => node.deps)];
    return closureOf(run.graph, starts).every((node) => {
      const state = executor.stateOf(run.id, node.name);
      if (state === undefined || state.kind === 'wanted') return true;
      if (hasEnded(state) && !isInside) return false;
      return effects.inputsUnchanged(node);
    });
  }
}
