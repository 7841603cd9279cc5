import type { Sight, TaskCache } from '../cache/task-cache.ts';
import type { Observation, Verdict } from '../cache/verdict.ts';
import type { Settled } from '../graph/settled.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';

/** What was last seen of the inputs of tasks, be it by a full check or at a glance. */
export class SeenInputs {
  readonly #cache: TaskCache;
  readonly #byName = new Map<string, Observation | Sight | undefined>();
  /** The last tasks that have no nodes: what was seen of all that is not in `byName`. */
  #settled: { readonly settled: Settled; readonly sight: Sight } | undefined;

  constructor(cache: TaskCache) {
    this.#cache = cache;
  }

  /** Decides whether a task has to run, and keeps what was seen. */
  check(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Verdict {
    const verdict = this.#cache.check(node, deps, full);
    this.#byName.set(node.name, verdict.observation);
    return verdict;
  }

  /** A glance was enough for a task. */
  glanced(node: TaskNode, sight: Sight): void {
    this.#byName.set(node.name, sight);
  }

  /** The last look was enough for tasks that have no nodes yet. */
  settled(settled: Settled): void {
    const before = this.#settled;
    for (const name of before?.settled.names() ?? []) {
      if (!this.#byName.has(name)) this.#byName.set(name, before?.sight);
    }
    for (const name of this.#byName.keys()) if (settled.has(name)) this.#byName.delete(name);
    this.#settled = { settled, sight: this.#cache.sight() };
  }

  /**
   * Whether all that a task itself reads is what it was when it was last looked at. One that never was is
   * looked at now, and is unchanged.
   */
  isUnchanged(node: TaskNode): boolean {
    const seen = this.#observed(node);
    if (seen === 'unknown') return false;
    if (seen !== undefined) return this.#cache.isUnchanged(node, seen);
    this.check(node, new Map(), false);
    return true;
  }

  /** Whether the inputs of a task are still what they were when it was last checked, if it was. */
  areSame(node: GraphNode): boolean {
    const seen = this.#observed(node);
    if (node.kind !== 'task' || seen === undefined) return true;
    return seen !== 'unknown' && this.#cache.sameInputs(node, seen);
  }

  /** What was seen of a task does not count any more. */
  forget(name: string): void {
    if (this.#settled?.settled.has(name) === true) this.#byName.set(name, undefined);
    else this.#byName.delete(name);
  }

  /** What was seen of a task; unknown if a look was enough for it and what it has seen cannot be told any more. */
  #observed(node: GraphNode): Observation | 'unknown' | undefined {
    const { name } = node;
    const isSettled = !this.#byName.has(name) && this.#settled?.settled.has(name) === true;
    const seen = isSettled ? this.#settled?.sight : this.#byName.get(name);
    if (seen === undefined || !('observationOf' in seen)) return seen;
    if (node.kind !== 'task') return undefined;
    const observation = seen.observationOf(node);
    if (observation === undefined) return 'unknown';
    this.#byName.set(node.name, observation);
    return observation;
  }
}
