import type { Glance } from '../cache/glance.ts';
import type { LastLook } from '../cache/last-look.ts';
import { groupDigest } from '../cache/outcome-digest.ts';
import type { TaskCache } from '../cache/task-cache.ts';
import type { Outcome, Verdict } from '../cache/verdict.ts';
import type { Catalog } from '../graph/graph.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { Settled } from '../graph/settled.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import { type BegunLook, beginLook, lookAtRecalled } from './recalled-look.ts';
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
  /** Keeps what a request has come to, for `recalled`, and tells how that will be recalled, if it will. */
  readonly note: (names: readonly string[], growth: Growth) => RecalledGrowth | undefined;
  /** What the last look at the tasks of such a request has found, as far as that holds. */
  readonly lastLook: (names: readonly string[], recalled: RecalledGrowth) => LastLook | undefined;
  /** Keeps what was found now: tasks that `last` does not know, and that are up to date. */
  readonly keepLook: (
    names: readonly string[],
    recalled: RecalledGrowth,
    last: LastLook | undefined,
    fresh: readonly Swept[],
  ) => void;
  /** Begins a look at many tasks. */
  readonly glance: () => Glance | undefined;
  /** Whether a glance has nothing to say of a task: its record is none of those that were read in one piece. */
  readonly isOutdated: (node: TaskNode) => boolean;
  readonly check: (node: TaskNode, deps: ReadonlyMap<string, string>) => Verdict;
  /** Told of a task that a glance was enough for. */
  readonly seen: (node: TaskNode, glance: Glance) => void;
  /** Told of tasks that the last look was enough for, and that have no nodes. */
  readonly settled: (settled: Settled) => void;
}

/** What a quick look has found. */
interface Found {
  readonly names: readonly string[];
  readonly growth: Growth;
  readonly fresh: readonly Swept[];
  readonly recalled: RecalledGrowth | undefined;
  readonly last: LastLook | undefined;
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
    this.#found = this.#recall(names) ?? this.#workOut(names);
    if (this.#found === undefined) return false;
    const { growth, fresh } = this.#found;
    if (!cache.isAsPeeked) return false;
    const areAllFresh = fresh.length === growth.added.length;
    if (areAllFresh || 2 * fresh.length > growth.added.length) this.#keep(this.#found);
    return areAllFresh;
  }

  /**
   * Looks at what `names` need, not all of which is up to date, while `enter` keeps other builds out: there is
   * much waiting in that. What is found does not count unless nobody was at work until then. Never rejects.
   */
  async lookMeanwhile(names: readonly string[], enter: () => Promise<unknown>): Promise<void> {
    this.#found = undefined;
    const { cache } = this.#parts;
    const canLook = await cache.peek();
    const entering = enter();
    if (canLook) {
      cache.beginRun();
      const recalled = this.#parts.recalled(names);
      const last = recalled && this.#parts.lastLook(names, recalled);
      while (last?.lookOn(filesAtOnce) === true) await turn();
      const begun = recalled && beginLook(recalled, last);
      await entering;
      if (begun !== undefined) {
        await cache.fetch(begun.others.map((at) => recalled?.nameAt(at) ?? ''));
        this.#found = recalled && this.#lookClosely(names, recalled, last, begun, this.#check());
      }
    }
    await entering;
    if (this.#found !== undefined) this.forgetUnlessStill();
  }

  #recall(names: readonly string[]): Found | undefined {
    const recalled = this.#parts.recalled(names);
    if (recalled === undefined) return undefined;
    const last = this.#parts.lastLook(names, recalled);
    const look = this.#newLook();
    return this.#lookClosely(names, recalled, last, beginLook(recalled, last), look);
  }

  #lookClosely(
    names: readonly string[],
    recalled: RecalledGrowth,
    last: LastLook | undefined,
    begun: BegunLook,
    look: Look,
  ): Found | undefined {
    const found = this.#lookAt(
      recalled,
      begun,
      (node, digests) => look(node, digests) ?? this.#checked(node, digests),
    );
    if (found === undefined) return undefined;
    const { settled, added, depsFirst, fresh } = found;
    if (settled.size > 0) this.#parts.settled(settled);
    const growth = { wanted: recalled.wanted, added, depsFirst, injected: [], settled };
    return { names, growth, fresh, recalled, last };
  }

  /** It has taken time, which is to be saved the next time. */
  #keep({ names, growth, fresh, recalled, last }: Found): void {
    if (fresh.length === 0) return;
    const known = recalled ?? this.#parts.note(names, growth);
    if (known === undefined) return;
    this.#parts.keepLook(names, known, last, fresh);
  }

  #lookAt(...args: Parameters<typeof lookAtRecalled>): ReturnType<typeof lookAtRecalled> {
    try {
      return lookAtRecalled(...args);
    } catch {
      // The request says what is wrong.
      return undefined;
    }
  }

  #workOut(names: readonly string[]): Found | undefined {
    const growth = this.#growthFor(names);
    if (growth === undefined) return undefined;
    const { added, depsFirst } = growth;
    if (added.some(isService)) return undefined;
    const look = this.#newLook();
    const effects = {
      outcomeOf: () => undefined,
      freshOutcome: (node: TaskNode, digests: readonly string[]) =>
        look(node, digests) ?? this.#checked(node, digests),
    };
    const fresh = sweep(added, effects, depsFirst);
    return { names, growth, fresh, recalled: undefined, last: undefined };
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
    const look = this.#newLook();
    const freshOutcome = (node: TaskNode, digests: readonly string[]): Outcome | undefined =>
      known.get(node) ?? look(node, digests) ?? effects.freshOutcome(node, digests);
    return sweep(nodes, { outcomeOf: effects.outcomeOf, freshOutcome }, ordered);
  }

  /** A look that leaves all but groups to the full check. */
  #check(): Look {
    return (node, digests) =>
      node.definition.action === undefined ? groupOutcome(node, digests) : undefined;
  }

  #newLook(): Look {
    let glance: Glance | 'none' | undefined;
    return (node, digests) => {
      if (node.definition.action === undefined) return groupOutcome(node, digests);
      // Whether it runs is another question; and a glance is at what the snapshot has, which is to be read first.
      if (isService(node) || this.#parts.isOutdated(node)) return undefined;
      glance ??= this.#parts.glance() ?? 'none';
      const digest = glance === 'none' ? undefined : glance.digestOf(node, digests);
      if (glance === 'none' || digest === undefined) return undefined;
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

/** So many files are looked at before the event loop turns. */
const filesAtOnce = 300;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
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
