import type { Glance } from '../cache/glance.ts';
import { groupDigest } from '../cache/outcome-digest.ts';
import type { TaskCache } from '../cache/task-cache.ts';
import type { Outcome, Verdict } from '../cache/verdict.ts';
import type { Catalog } from '../graph/graph.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { Settled } from '../graph/settled.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import { lookAtRecalled } from './recalled-look.ts';
import { isService } from './service-ways.ts';
import { needsOf, type SweepEffects, type Swept, sweep } from './sweep.ts';

/** What a quick look needs. */
export interface QuickLookParts {
  readonly cache: TaskCache;
  readonly catalog: () => Catalog;
  /** What a new run for `names` needs, if that has just been worked out. */
  readonly foreseen: (names: readonly string[]) => Growth | undefined;
  /** What a request for `names` came to once, if it comes to that again. */
  readonly recalled: (names: readonly string[]) => RecalledGrowth | undefined;
  /** Keeps what a request has come to, for `recalled`. */
  readonly note: (names: readonly string[], growth: Growth, glance: Glance) => void;
  /** Begins a look at many tasks. */
  readonly glance: () => Glance | undefined;
  readonly check: (node: TaskNode, deps: ReadonlyMap<string, string>) => Verdict;
  /** Told of a task that a glance was enough for. */
  readonly seen: (node: TaskNode, glance: Glance) => void;
  /** Told of tasks that a glance was enough for, and that have no nodes. */
  readonly settled: (settled: Settled, glance: Glance) => void;
}

/** What a quick look has found. */
interface Found {
  readonly names: readonly string[];
  readonly growth: Growth;
  readonly fresh: readonly Swept[];
}

/** Tells the outcome of a task that is plainly up to date, from the outcome digests of `needsOf` it. */
type Look = (node: TaskNode, digests: readonly string[]) => Outcome | undefined;

/**
 * Sees whether all that a request needs is up to date before the store is opened and other builds are
 * kept out, which takes longer than everything else in a run with nothing to do. What it has found is
 * there for the request that comes next.
 */
export class QuickLook {
  readonly #parts: QuickLookParts;
  #found: Found | undefined;
  /** What was found of the request that has begun, until somebody looks. */
  #begun: Found | undefined;

  constructor(parts: QuickLookParts) {
    this.#parts = parts;
  }

  /** Whether all that `names` need is up to date. Never rejects. */
  async isAllFresh(names: readonly string[]): Promise<boolean> {
    this.#found = undefined;
    const { cache } = this.#parts;
    if (!(await cache.peek())) return false;
    // As when a run begins: an earlier one may have looked at them long ago.
    cache.beginRun();
    const glance = this.#parts.glance();
    this.#found = this.#recall(names, glance) ?? this.#workOut(names, glance);
    if (this.#found === undefined) return false;
    const { growth, fresh } = this.#found;
    return fresh.length === growth.added.length && cache.isAsPeeked;
  }

  #recall(names: readonly string[], glance: Glance | undefined): Found | undefined {
    const recalled = this.#parts.recalled(names);
    if (glance === undefined || recalled === undefined) return undefined;
    const look = this.#newLook(glance);
    const found = this.#lookAt(
      recalled,
      glance,
      (node, digests) => look(node, digests) ?? this.#checked(node, digests),
    );
    if (found === undefined) return undefined;
    const { settled, added, depsFirst, fresh } = found;
    this.#parts.settled(settled, glance);
    return {
      names,
      growth: { wanted: recalled.wanted, added, depsFirst, injected: [], settled },
      fresh,
    };
  }

  #lookAt(...args: Parameters<typeof lookAtRecalled>): ReturnType<typeof lookAtRecalled> {
    try {
      return lookAtRecalled(...args);
    } catch {
      // The request says what is wrong.
      return undefined;
    }
  }

  #workOut(names: readonly string[], glance: Glance | undefined): Found | undefined {
    const growth = this.#growthFor(names);
    if (growth === undefined) return undefined;
    const { added, depsFirst } = growth;
    if (added.some(isService)) return undefined;
    const look = this.#newLook(glance);
    const effects = {
      outcomeOf: () => undefined,
      freshOutcome: (node: TaskNode, digests: readonly string[]) =>
        look(node, digests) ?? this.#checked(node, digests),
    };
    const fresh = sweep(added, effects, depsFirst);
    // It takes time, which is to be saved the next time.
    if (glance !== undefined && 2 * fresh.length > added.length) {
      this.#parts.note(names, growth, glance);
    }
    return { names, growth, fresh };
  }

  /** Nothing that was found counts: it may have been found long ago, for a request that had no use for it. */
  forget(): void {
    this.#found = undefined;
  }

  /** Nothing that was found counts unless all is still as it was. */
  forgetUnlessStill(): void {
    if (!this.#parts.cache.isAsPeeked) this.forget();
  }

  /** What a new run for `names` needs, if that has just been worked out. */
  growthFor(names: readonly string[]): Growth | undefined {
    const found = this.#found;
    this.#found = undefined;
    if (found === undefined || !isSameList(found.names, names)) return this.#parts.foreseen(names);
    this.#begun = found;
    return found.growth;
  }

  /** Those of the nodes of a run that are up to date, in an order in which they can end. */
  sweep(nodes: readonly GraphNode[], effects: SweepEffects): readonly Swept[] {
    const begun = this.#begun;
    this.#begun = undefined;
    const ordered = begun?.growth.added === nodes ? begun.growth.depsFirst : undefined;
    if (ordered !== undefined && begun?.fresh.length === nodes.length) return begun.fresh;
    const known = new Map(begun?.fresh.map(({ node, outcome }) => [node, outcome]));
    const look = this.#newLook(this.#parts.glance());
    const freshOutcome = (node: TaskNode, digests: readonly string[]): Outcome | undefined =>
      known.get(node) ?? look(node, digests) ?? effects.freshOutcome(node, digests);
    return sweep(nodes, { outcomeOf: effects.outcomeOf, freshOutcome }, ordered);
  }

  #newLook(glance: Glance | undefined): Look {
    return (node, digests) => {
      if (node.definition.action === undefined) return groupOutcome(node, digests);
      // Whether it runs is another question.
      if (isService(node)) return undefined;
      const digest = glance?.digestOf(node, digests);
      if (glance === undefined || digest === undefined) return undefined;
      this.#parts.seen(node, glance);
      return { value: undefined, digest };
    };
  }

  #growthFor(names: readonly string[]): Growth | undefined {
    const { foreseen, catalog } = this.#parts;
    try {
      return foreseen(names) ?? growGraph(new Map(), names, catalog());
    } catch {
      // The request says what is wrong.
      return undefined;
    }
  }

  #checked(node: TaskNode, digests: readonly string[]): Outcome | undefined {
    try {
      const verdict = this.#parts.check(node, digestsByName(node, digests));
      return verdict.kind === 'fresh' ? verdict.outcome : undefined;
    } catch {
      // It is checked again when it starts, and fails then.
      return undefined;
    }
  }
}

/** Outcome digests of what a task needs, by name. */
export function digestsByName(
  node: TaskNode,
  digests: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(needsOf(node).map((name, at) => [name, digests[at] ?? '']));
}

function groupOutcome(node: TaskNode, digests: readonly string[]): Outcome {
  return { value: undefined, digest: groupDigest(digestsByName(node, digests)) };
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
