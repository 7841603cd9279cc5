import type { Glance } from '../cache/glance.ts';
import { groupDigest } from '../cache/outcome-digest.ts';
import type { TaskCache } from '../cache/task-cache.ts';
import type { Outcome, Verdict } from '../cache/verdict.ts';
import type { Catalog } from '../graph/graph.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
import type { TaskNode } from '../model/node.ts';
import { needsOf, sweep } from './sweep.ts';

/** What a quick look needs. */
export interface QuickLookParts {
  readonly cache: TaskCache;
  readonly catalog: () => Catalog;
  /** What a new run for `names` needs, if that has just been worked out. */
  readonly foreseen: (names: readonly string[]) => Growth | undefined;
  /** Begins a look at many tasks. */
  readonly glance: () => Glance | undefined;
  readonly check: (node: TaskNode, deps: ReadonlyMap<string, string>) => Verdict;
  /** Told of a task that a glance was enough for. */
  readonly seen: (node: TaskNode, glance: Glance) => void;
}

/** Tells the outcome of a task that is plainly up to date, from the outcome digests of `needsOf` it. */
export type Look = (node: TaskNode, digests: readonly string[]) => Outcome | undefined;

/**
 * Sees whether all that a request needs is up to date before the store is opened and other builds are
 * kept out, which takes longer than everything else in a run with nothing to do. What it has found is
 * there for the request that comes next.
 */
export class QuickLook {
  readonly #parts: QuickLookParts;
  #found:
    | {
        readonly names: readonly string[];
        readonly growth: Growth;
        readonly outcomes: ReadonlyMap<TaskNode, Outcome>;
      }
    | undefined;
  #outcomes: ReadonlyMap<TaskNode, Outcome> | undefined;

  constructor(parts: QuickLookParts) {
    this.#parts = parts;
  }

  /** Whether all that `names` need is up to date. Never rejects. */
  async isAllFresh(names: readonly string[]): Promise<boolean> {
    this.#found = undefined;
    const { cache } = this.#parts;
    if (!(await cache.peek())) return false;
    const growth = this.#growthFor(names);
    if (growth === undefined) return false;
    const outcomes = new Map<TaskNode, Outcome>();
    const look = this.#newLook();
    const fresh = sweep(growth.added, {
      outcomeOf: () => undefined,
      freshOutcome: (node, digests) => look(node, digests) ?? this.#checked(node, digests),
    });
    for (const { node, outcome } of fresh) outcomes.set(node, outcome);
    this.#found = { names, growth, outcomes };
    return fresh.length === growth.added.length && cache.isAsPeeked;
  }

  /** Nothing that was found counts unless all is still as it was. */
  forgetUnlessStill(): void {
    if (!this.#parts.cache.isAsPeeked) this.#found = undefined;
  }

  /** What a new run for `names` needs, if that has just been worked out. */
  growthFor(names: readonly string[]): Growth | undefined {
    const found = this.#found;
    this.#found = undefined;
    if (found === undefined || !isSameList(found.names, names)) return this.#parts.foreseen(names);
    this.#outcomes = found.outcomes;
    return found.growth;
  }

  /** Begins a look at the nodes of a run, for one synchronous stretch. */
  begin(): Look {
    const outcomes = this.#outcomes;
    this.#outcomes = undefined;
    const look = this.#newLook();
    return (node, digests) => outcomes?.get(node) ?? look(node, digests);
  }

  #newLook(): Look {
    let glance: Glance | undefined;
    let isBegun = false;
    return (node, digests) => {
      if (node.definition.action === undefined) return groupOutcome(node, digests);
      if (!isBegun) glance = this.#parts.glance();
      isBegun = true;
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
