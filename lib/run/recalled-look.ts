import type { Glance, ListedTask } from '../cache/glance.ts';
import type { Outcome } from '../cache/verdict.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { Settled } from '../graph/settled.ts';
import type { Definition } from '../model/definition.ts';
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
  readonly #listed: ListedNow;
  /** For each that is settled its number in the snapshot; -1 for the others. */
  readonly #tasks: Int32Array;
  /** Made when somebody first asks for a name: often nobody does. */
  #numbers: Map<string, number> | undefined;

  constructor(recalled: RecalledGrowth, glance: Glance) {
    this.#recalled = recalled;
    this.#glance = glance;
    this.#listed = new ListedNow(recalled);
    this.#tasks = new Int32Array(recalled.size).fill(-1);
  }

  /** Looks at a task, whose deps have been looked at. @returns Whether it is settled. */
  settle(at: number): boolean {
    const recalled = this.#recalled;
    if (!recalled.isListedAt(at)) return false;
    const listed = this.#listed;
    const { depTasks } = listed;
    depTasks.length = 0;
    for (let index = 0; index < recalled.depCountAt(at); index++) {
      const task = this.#tasks[recalled.depAt(at, index)] ?? -1;
      if (task === -1) return false;
      depTasks.push(task);
    }
    const task = this.#glance.numberOf(recalled.nameAt(at), recalled.taskAt(at));
    listed.at = at;
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
    // What was asked for comes last, and often nothing else is.
    const last = this.#recalled.size - 1;
    const isLast = this.#numbers === undefined && this.#recalled.nameAt(last) === name;
    const at = isLast ? last : this.#allNumbers().get(name);
    return at !== undefined && this.#tasks[at] !== -1 ? at : undefined;
  }

  #allNumbers(): Map<string, number> {
    if (this.#numbers !== undefined) return this.#numbers;
    const numbers = new Map<string, number>();
    for (let at = 0; at < this.#recalled.size; at++) numbers.set(this.#recalled.nameAt(at), at);
    this.#numbers = numbers;
    return numbers;
  }
}

/** The task that is being looked at: one object for thousands of them. */
class ListedNow implements ListedTask {
  at = 0;
  readonly depTasks: number[] = [];
  readonly #recalled: RecalledGrowth;

  constructor(recalled: RecalledGrowth) {
    this.#recalled = recalled;
  }

  get definition(): Definition {
    return this.#recalled.definitionAt(this.at);
  }

  get argCount(): number {
    return this.#recalled.argCountAt(this.at);
  }

  get inputCount(): number {
    return this.#recalled.inputCountAt(this.at);
  }

  get outputCount(): number {
    return this.#recalled.outputCountAt(this.at);
  }

  argNameAt(index: number): string {
    return this.definition.pattern.placeholders[index] ?? '';
  }

  argAt(index: number): string {
    return this.#recalled.argAt(this.at, index);
  }

  pathAt(index: number): string {
    return this.#recalled.pathAt(this.at, index);
  }
}
