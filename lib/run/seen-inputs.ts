import { Glance } from '../cache/glance.ts';
import type { TaskCache } from '../cache/task-cache.ts';
import type { Observation, Verdict } from '../cache/verdict.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';

/** What was last seen of the inputs of tasks, be it by a full check or at a glance. */
export class SeenInputs {
  readonly #cache: TaskCache;
  readonly #byName = new Map<string, Observation | Glance>();

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
  glanced(node: TaskNode, glance: Glance): void {
    this.#byName.set(node.name, glance);
  }

  /**
   * Whether all that a task itself reads is what it was when it was last looked at. One that never was is
   * looked at now, and is unchanged.
   */
  isUnchanged(node: TaskNode): boolean {
    const seen = this.#observed(node);
    if (seen !== undefined) return this.#cache.isUnchanged(node, seen);
    this.check(node, new Map(), false);
    return true;
  }

  /** Whether the inputs of a task are still what they were when it was last checked, if it was. */
  areSame(node: GraphNode): boolean {
    const seen = this.#observed(node);
    return node.kind !== 'task' || seen === undefined || this.#cache.sameInputs(node, seen);
  }

  /** What was seen of a task does not count any more. */
  forget(name: string): void {
    this.#byName.delete(name);
  }

  #observed(node: GraphNode): Observation | undefined {
    const seen = this.#byName.get(node.name);
    if (node.kind !== 'task' || !(seen instanceof Glance)) return seen as Observation | undefined;
    const observation = seen.observationOf(node);
    this.#byName.set(node.name, observation);
    return observation;
  }
}
