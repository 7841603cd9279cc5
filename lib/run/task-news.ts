import { type GraphNode, isAction } from '../model/node.ts';
import { hasEnded, hasSucceeded } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import { type Change, nodeOf, type Plan } from '../plan/plan.ts';
import type { Effects } from './effects.ts';
import { type Entries, type Entry, upToDate } from './entries.ts';
import type { NestedWaits } from './nested-waits.ts';
import type { Swept } from './sweep.ts';
import { taskEnded, taskOutdated, taskStarted, taskWanted } from './task-events.ts';

/** Who is to hear of what happens to nodes, and of which nodes. */
export interface NewsParts {
  readonly plan: Plan;
  readonly entries: Entries;
  readonly effects: Pick<Effects, 'now' | 'emit' | 'estimate'>;
  readonly waits: NestedWaits;
  /** A node of a run has ended. */
  ended(run: number, name: string): void;
}

/** Tells what has happened to nodes: reporters, tasks that wait for them, and the session. */
export class TaskNews {
  readonly #parts: NewsParts;
  /** How many nodes have been planned and not been told to have ended. */
  #openCount = 0;

  constructor(parts: NewsParts) {
    this.#parts = parts;
  }

  /** Whether nothing of the plan is left to be done. */
  get isAllOver(): boolean {
    return this.#openCount === 0;
  }

  /** Nodes have come into a run, and those that are `fresh` have ended with that. */
  wanted(run: number, nodes: readonly GraphNode[], fresh: readonly Swept[]): void {
    const { entries, effects } = this.#parts;
    const at = effects.now();
    for (const node of nodes) {
      // Nobody waits for what is up to date, and there may be thousands of it.
      const isAwaited = isAction(node) && !entries.isSwept(run, node.name);
      const estimateMs = isAwaited ? effects.estimate(node.name) : undefined;
      effects.emit(taskWanted(run, node, at, estimateMs));
    }
    for (const { node } of fresh) effects.emit(taskEnded(run, node, at, upToDate));
  }

  /** So many nodes more are going to be told to have ended; fewer, if it is below 0. */
  expect(count: number): void {
    this.#openCount += count;
  }

  /** Tells what the plan says has happened. */
  tell(changes: readonly Change[]): void {
    const { plan, entries, effects, waits } = this.#parts;
    for (const { id, event } of changes) {
      const { node, run } = entries.of(id);
      const { state } = nodeOf(plan, id);
      const at = effects.now();
      if (event.kind === 'started') {
        effects.emit(taskStarted(run, node, at, event.reasons));
      } else if (hasEnded(state)) {
        this.#openCount--;
        effects.emit(taskEnded(run, node, at, state));
        waits.ended(id, hasSucceeded(state));
        this.#parts.ended(run, node.name);
      }
    }
  }

  /** A node has ended whose place another one has taken. */
  outdated(id: NodeId, { node, run }: Entry): void {
    const { effects, waits } = this.#parts;
    this.#openCount--;
    effects.emit(taskOutdated(run, node, effects.now()));
    waits.ended(id, false);
  }
}
