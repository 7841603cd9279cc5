import type { Outcome } from '../cache/verdict.ts';
import type { Settled } from '../graph/settled.ts';
import type { GraphNode } from '../model/node.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { EndState, TaskState } from '../model/state.ts';
import type { NodeId } from '../plan/lock-table.ts';
import { nodeOf, type Plan, removeNodes } from '../plan/plan.ts';
import type { NodeOf } from './service-ways.ts';
import type { Swept } from './sweep.ts';

/** What is kept of a node beside its place in the plan. */
export interface Entry {
  node: GraphNode;
  run: number;
  readonly full: boolean;
  outcome: Outcome | undefined;
  reasons: readonly StaleReason[];
  hasAsked: boolean;
  /** Present while the task runs: stops it. */
  stop: AbortController | undefined;
  /** Whether another entry has taken its place: what comes of it is not wanted any more. */
  isOutdated: boolean;
  /** Tasks that were running on what this one is going to make anew: it starts after them. */
  readonly readers: readonly string[];
}

/** How a node ends that was up to date before anything else. */
export const upToDate: EndState = { kind: 'up-to-date' };

/**
 * The nodes of all runs, by run and name: each is either in the plan and has an entry, or was swept or
 * settled, which is up to date beforehand, and so never came into the plan.
 */
export class Entries {
  readonly #plan: Plan;
  readonly #byId = new Map<NodeId, Entry>();
  readonly #ids = new Map<number, Map<string, NodeId>>();
  readonly #swept = new Map<number, Map<string, Swept>>();
  readonly #settled = new Map<number, Settled>();
  #lastId = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /**
   * Makes entries for nodes that are going to be planned; they take the place of others of their
   * names.
   *
   * @param readers By name, what an entry keeps as such.
   */
  add(
    { run, full }: Pick<Entry, 'run' | 'full'>,
    nodes: readonly GraphNode[],
    readers: ReadonlyMap<string, readonly string[]>,
  ): void {
    const ids = this.#ids.get(run) ?? new Map<string, NodeId>();
    this.#ids.set(run, ids);
    for (const node of nodes) {
      const id = ++this.#lastId;
      ids.set(node.name, id);
      this.#byId.set(id, {
        node,
        run,
        full,
        outcome: undefined,
        reasons: none,
        hasAsked: false,
        stop: undefined,
        isOutdated: false,
        readers: readers.get(node.name) ?? none,
      });
    }
  }

  /** Takes in what is up to date beforehand. */
  addSwept(run: number, found: readonly Swept[]): void {
    if (found.length === 0) return;
    const swept = this.#swept.get(run) ?? new Map<string, Swept>();
    for (const each of found) swept.set(each.node.name, each);
    this.#swept.set(run, swept);
  }

  /** Takes in what is up to date beforehand and has no nodes yet. */
  addSettled(run: number, settled: Settled): void {
    this.#settled.set(run, settled);
  }

  /** The entry of `id`, which has to be there. */
  of(id: NodeId): Entry {
    const entry = this.#byId.get(id);
    if (entry === undefined) throw new Error(`Internal error: no entry ${id}`);
    return entry;
  }

  /** The entry of `id`; undefined if it was removed. */
  find(id: NodeId): Entry | undefined {
    return this.#byId.get(id);
  }

  /** All entries of all runs, those that are outdated among them. */
  all(): Iterable<readonly [NodeId, Entry]> {
    return this.#byId;
  }

  /** The ids of a run, without those that are outdated. */
  idsOf(run: number): Iterable<NodeId> {
    return this.#ids.get(run)?.values() ?? none;
  }

  /** The id of a node that has to be in the run and was not swept. */
  idOf(run: number, name: string): NodeId {
    const id = this.#ids.get(run)?.get(name);
    if (id === undefined) throw new Error(`Internal error: '${name}' is not in run ${run}`);
    return id;
  }

  /** The id of a node that has to be in the run; undefined if it was swept. */
  plannedIdOf(run: number, name: string): NodeId | undefined {
    return this.isSwept(run, name) ? undefined : this.idOf(run, name);
  }

  /** Whether a node was up to date beforehand. */
  isSwept(run: number, name: string): boolean {
    return this.#swept.get(run)?.has(name) === true || this.#settled.get(run)?.has(name) === true;
  }

  /** A node that has to be in the run. */
  nodeOf(run: number, name: string): GraphNode {
    return this.#upToDateNode(run, name) ?? this.of(this.idOf(run, name)).node;
  }

  /** Looks up nodes of a run. */
  nodesOf(run: number): NodeOf {
    const ids = this.#ids.get(run);
    return (name) => {
      const id = ids?.get(name);
      const planned = id === undefined ? undefined : this.#byId.get(id)?.node;
      return planned ?? this.#upToDateNode(run, name);
    };
  }

  #upToDateNode(run: number, name: string): GraphNode | undefined {
    return this.#swept.get(run)?.get(name)?.node ?? this.#settled.get(run)?.nodeOf(name);
  }

  /** Where a node stands; undefined if it is not in the run. */
  stateOf(run: number, name: string): TaskState | undefined {
    if (this.isSwept(run, name)) return upToDate;
    const id = this.#ids.get(run)?.get(name);
    return id === undefined ? undefined : nodeOf(this.#plan, id).state;
  }

  /** What a node has come to, if it has ended well. */
  outcomeOf(run: number, name: string): Outcome | undefined {
    const swept = this.#swept.get(run)?.get(name);
    if (swept !== undefined) return swept.outcome;
    const digest = this.#settled.get(run)?.digestOf(name);
    if (digest !== undefined) return { value: undefined, digest };
    const id = this.#ids.get(run)?.get(name);
    return id === undefined ? undefined : this.of(id).outcome;
  }

  /** Why a task was started or its outputs were put back; empty if neither was done. */
  reasonsOf(run: number, name: string): readonly StaleReason[] {
    return this.isSwept(run, name) ? none : this.of(this.idOf(run, name)).reasons;
  }

  /** Forgets that a node was up to date; returns whether it was. */
  removeSwept(run: number, name: string): boolean {
    return this.#swept.get(run)?.delete(name) === true;
  }

  /** Forgets an entry whose place another one takes, or has taken already. */
  remove(id: NodeId): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#byId.delete(id);
    const ids = this.#ids.get(entry.run);
    if (ids?.get(entry.node.name) === id) ids.delete(entry.node.name);
  }

  /** Gives a run another number, all of whose nodes have ended. */
  renumber(from: number, to: number): void {
    const ids = this.#ids.get(from);
    if (ids === undefined) return;
    this.#ids.delete(from);
    this.#ids.set(to, ids);
    this.#swept.set(to, this.#swept.get(from) ?? new Map());
    this.#swept.delete(from);
    for (const id of ids.values()) this.of(id).run = to;
  }

  /** Forgets a run all of whose nodes have ended, in the plan as well. */
  forget(run: number): void {
    this.#swept.delete(run);
    this.#settled.delete(run);
    const ids = this.#ids.get(run);
    if (ids === undefined) return;
    removeNodes(this.#plan, ids.values());
    for (const id of ids.values()) this.#byId.delete(id);
    this.#ids.delete(run);
  }
}

const none: readonly never[] = [];
