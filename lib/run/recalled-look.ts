import type { Glance, ListedTask } from '../cache/glance.ts';
import type { Outcome } from '../cache/verdict.ts';
import type { RecalledGrowth } from '../graph/growth-note.ts';
import type { Settled } from '../graph/settled.ts';
import type { TaskNode } from '../model/node.ts';
import { needsOf, type Swept, vainLooks } from './sweep.ts';

/** What has become of the tasks of a request that is recalled. */
export interface RecalledLook {
  readonly settled: Settled;
  /** The others, in the order in which they were met. */
  readonly added: readonly TaskNode[];
  /** The same, deps before what needs them. */
  readonly depsFirst: readonly TaskNode[];
  /** Those of the others that are up to date, in an order in which they can end. */
  readonly fresh: readonly Swept[];
}

/**
 * Looks at the tasks of a request that is recalled, and makes nodes only of those that are not plainly
 * up to date; undefined if these are so many that nothing is saved.
 *
 * @param freshOutcome As for `sweep`.
 */
export function lookAtRecalled(
  recalled: RecalledGrowth,
  glance: Glance,
  freshOutcome: (node: TaskNode, digests: readonly string[]) => Outcome | undefined,
): RecalledLook | undefined {
  const settled = new SettledTasks(recalled, glance);
  const outcomes = new Map<string, string>();
  const depsFirst: { readonly at: number; readonly node: TaskNode }[] = [];
  const fresh: Swept[] = [];
  const digestOf = (name: string): string | undefined =>
    outcomes.get(name) ?? settled.digestOf(name);
  let vain = 0;
  for (let at = 0; at < recalled.size; at++) {
    if (settled.settle(at)) continue;
    const node = recalled.runnableNodeAt(at);
    depsFirst.push({ at, node });
    const digests = node.definition.noSkip ? undefined : allOf(needsOf(node), digestOf);
    const outcome = digests && freshOutcome(node, digests);
    if (outcome !== undefined) {
      outcomes.set(node.name, outcome.digest);
      fresh.push({ node, outcome });
    } else if (++vain > vainLooks && vain > at / 2) return undefined;
  }
  const met = depsFirst.toSorted((a, b) => recalled.rankAt(a.at) - recalled.rankAt(b.at));
  return {
    settled,
    added: met.map(({ node }) => node),
    depsFirst: depsFirst.map(({ node }) => node),
    fresh,
  };
}

function allOf(
  names: readonly string[],
  digestOf: (name: string) => string | undefined,
): readonly string[] | undefined {
  const digests: string[] = [];
  for (const name of names) {
    const digest = digestOf(name);
    if (digest === undefined) return undefined;
    digests.push(digest);
  }
  return digests;
}

class SettledTasks implements Settled {
  size = 0;
  readonly #recalled: RecalledGrowth;
  readonly #glance: Glance;
  /** For each that is settled its number in the snapshot; -1 for the others. */
  readonly #tasks: Int32Array;
  /** Made when somebody first asks for a name: often nobody does. */
  #numbers: Map<string, number> | undefined;

  constructor(recalled: RecalledGrowth, glance: Glance) {
    this.#recalled = recalled;
    this.#glance = glance;
    this.#tasks = new Int32Array(recalled.size).fill(-1);
  }

  /** Looks at a task, whose deps have been looked at. @returns Whether it is settled. */
  settle(at: number): boolean {
    const recalled = this.#recalled;
    if (!recalled.isListedAt(at)) return false;
    const depTasks: number[] = [];
    for (let index = 0; index < recalled.depCountAt(at); index++) {
      const task = this.#tasks[recalled.depAt(at, index)] ?? -1;
      if (task === -1) return false;
      depTasks.push(task);
    }
    const task = this.#glance.numberOf(recalled.nameAt(at), recalled.taskAt(at));
    const listed: ListedTask = {
      definition: recalled.definitionAt(at),
      depTasks,
      argCount: recalled.argCountAt(at),
      hasArg: (argument, text) => recalled.hasArgAt(at, argument, text),
      inputCount: recalled.inputCountAt(at),
      outputCount: recalled.outputCountAt(at),
      pathAt: (index) => recalled.pathAt(at, index),
    };
    if (!this.#glance.isStill(task, listed)) return false;
    this.#tasks[at] = task;
    this.size++;
    return true;
  }

  has(name: string): boolean {
    return this.#numberOf(name) !== undefined;
  }

  nodeOf(name: string): TaskNode | undefined {
    const at = this.#numberOf(name);
    return at === undefined ? undefined : this.#recalled.nodeAt(at);
  }

  digestOf(name: string): string | undefined {
    const at = this.#numberOf(name);
    return at === undefined ? undefined : this.#glance.outcomeOf(this.#tasks[at] ?? -1);
  }

  *names(): Iterable<string> {
    for (let at = 0; at < this.#recalled.size; at++) {
      if (this.#tasks[at] !== -1) yield this.#recalled.nameAt(at);
    }
  }

  *nodes(): Iterable<TaskNode> {
    const recalled = this.#recalled;
    const settled: number[] = [];
    for (let at = 0; at < recalled.size; at++) if (this.#tasks[at] !== -1) settled.push(at);
    settled.sort((a, b) => recalled.rankAt(a) - recalled.rankAt(b));
    for (const at of settled) yield recalled.nodeAt(at);
  }

  #numberOf(name: string): number | undefined {
    this.#numbers ??= this.#allNumbers();
    const at = this.#numbers.get(name);
    return at !== undefined && this.#tasks[at] !== -1 ? at : undefined;
  }

  #allNumbers(): Map<string, number> {
    const numbers = new Map<string, number>();
    for (let at = 0; at < this.#recalled.size; at++) numbers.set(this.#recalled.nameAt(at), at);
    return numbers;
  }
}
