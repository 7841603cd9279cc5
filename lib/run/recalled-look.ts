import { type LastLook, stillAction } from '../cache/last-look.ts';
import type { Outcome } from '../cache/verdict.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
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

/** A look at the tasks of a request that is recalled, as far as that can be told from the last one. */
export interface BegunLook {
  readonly settled: Settled;
  /** The numbers of those that have to be looked at closely, deps first. */
  readonly others: readonly number[];
}

/** @param last What the last look at them has found, as far as that holds. */
export function beginLook(recalled: RecalledGrowth, last: LastLook | undefined): BegunLook {
  const settled = new SettledTasks(recalled, last);
  // Nodes are made of what only groups others: who counts tasks leaves them out.
  if (last?.groupCount === 0 && settled.settleAll()) return { settled, others: [] };
  return { settled, others: settled.settle() };
}

/**
 * Looks at the tasks of a request that is recalled, and makes nodes only of those that are not plainly
 * up to date; undefined if these are so many that nothing is saved.
 *
 * @param freshOutcome As for `sweep`.
 */
export function lookAtRecalled(
  recalled: RecalledGrowth,
  { settled, others }: BegunLook,
  freshOutcome: (node: TaskNode, digests: readonly string[]) => Outcome | undefined,
): RecalledLook | undefined {
  const outcomes = new Map<string, string>();
  const depsFirst: { readonly at: number; readonly node: TaskNode }[] = [];
  const fresh: Swept[] = [];
  const digestOf = (name: string): string | undefined =>
    outcomes.get(name) ?? settled.digestOf(name);
  let vain = 0;
  for (const at of others) {
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

/**
 * All tasks of a request, if all are settled and it comes to what it came to before; groups count as well here.
 */
export function allSettled(recalled: RecalledGrowth, last: LastLook): Settled | undefined {
  const settled = new SettledTasks(recalled, last);
  // Functions come last: V8 optimizes what looks at files meanwhile, on a second thread.
  return settled.settleAll() && recalled.isAsBefore() ? settled : undefined;
}

class SettledTasks implements Settled {
  size = 0;
  readonly #recalled: RecalledGrowth;
  readonly #last: LastLook | undefined;
  /** By the number of a task, as of `stillTasks`; 0 if it has to be looked at. */
  #found: Uint8Array;

  constructor(recalled: RecalledGrowth, last: LastLook | undefined) {
    this.#recalled = recalled;
    this.#last = last;
    this.#found = new Uint8Array(recalled.size);
  }

  /** Looks at all tasks. @returns Whether all are settled; if not, none is. */
  settleAll(): boolean {
    if (this.#last?.areAllStill() !== true) return false;
    this.#found.fill(stillAction);
    this.size = this.#recalled.size;
    return true;
  }

  /** Looks at each task. @returns The numbers of those that are not settled, deps first. */
  settle(): readonly number[] {
    if (this.#last !== undefined) this.#found = this.#last.stillTasks();
    this.#recalled.dropDependants(this.#found);
    const others: number[] = [];
    for (const [at, is] of this.#found.entries()) {
      if (is === stillAction) this.size++;
      else others.push(at);
    }
    return others;
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
    return at === undefined ? undefined : this.#last?.outcomeAt(at);
  }

  *names(): Iterable<string> {
    for (const at of this.#numbers()) yield this.#recalled.nameAt(at);
  }

  *nodes(): Iterable<TaskNode> {
    const recalled = this.#recalled;
    const met = [...this.#numbers()].sort((a, b) => recalled.rankAt(a) - recalled.rankAt(b));
    for (const at of met) yield recalled.nodeAt(at);
  }

  *#numbers(): Iterable<number> {
    for (let at = 0; at < this.#recalled.size; at++) if (this.#found[at] === stillAction) yield at;
  }

  #numberOf(name: string): number | undefined {
    const at = this.#recalled.numberOf(name);
    return at !== undefined && this.#found[at] === stillAction ? at : undefined;
  }
}
