import type { GraphNode } from '../model/node.ts';
import { hasEnded } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import { nodeOf, type Plan, removeNodes } from '../plan/plan.ts';
import type { Entries } from './entries.ts';

/** Nodes of a run that are to come about again, with all that needs them. */
export interface Renewal {
  readonly run: number;
  readonly full: boolean;
  readonly names: readonly string[];
  /** Whether those that run are stopped; if not they end first. */
  readonly interrupt: boolean;
}

/** What was found of nodes that are to come about again. */
export interface TakenOut {
  readonly nodes: readonly GraphNode[];
  /** Those in the plan that had not started, and are not going to. */
  readonly unstarted: readonly NodeId[];
  /** Those that run: they are outdated, and end under their old numbers. */
  readonly underWay: readonly NodeId[];
}

/**
 * Nodes that others have taken the place of. What they came to is forgotten at once, their places in
 * the plan only when all of the run has ended.
 */
export class ReplacedNodes {
  readonly #plan: Plan;
  readonly #entries: Entries;
  readonly #byRun = new Map<number, NodeId[]>();

  constructor(plan: Plan, entries: Entries) {
    this.#plan = plan;
    this.#entries = entries;
  }

  /** Makes room for nodes of a run that are to come about again. */
  takeOut({ run, names }: Pick<Renewal, 'run' | 'names'>): TakenOut {
    const nodes = names.map((name) => this.#entries.nodeOf(run, name));
    const unstarted: NodeId[] = [];
    const underWay: NodeId[] = [];
    for (const name of names) {
      if (this.#entries.removeSwept(run, name)) continue;
      const id = this.#entries.idOf(run, name);
      const { state, inHand } = nodeOf(this.#plan, id);
      if (inHand && !hasEnded(state)) {
        this.#entries.of(id).isOutdated = true;
        underWay.push(id);
        continue;
      }
      if (!hasEnded(state)) unstarted.push(id);
      this.add(run, id);
    }
    return { nodes, unstarted, underWay };
  }

  /** Takes in a node that runs no more. */
  add(run: number, id: NodeId): void {
    this.#entries.remove(id);
    const ids = this.#byRun.get(run);
    if (ids === undefined) this.#byRun.set(run, [id]);
    else ids.push(id);
  }

  /** Forgets those of a run, all of which have ended. */
  forget(run: number): void {
    removeNodes(this.#plan, this.#byRun.get(run) ?? []);
    this.#byRun.delete(run);
  }
}
