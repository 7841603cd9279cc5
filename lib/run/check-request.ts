import { createInstances as create } from '../graph/create-instances.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
import type { RecalledGrowth } from '../graph/recalled-growth.ts';
import { host } from './host.ts';
import type { TaskCatalog } from './task-catalog.ts';

export type { Growth };

/**
 * Works out what `names` need, and starts nothing.
 *
 * @returns The full names that `names` stand for.
 * @throws DefinitionError with every problem of the request
 */
export function checkRequest(names: readonly string[], catalog: TaskCatalog): readonly string[] {
  return growGraph(new Map(), names, catalog).wanted;
}

/** What a request needs, worked out shortly before it comes. */
export class Foresight {
  readonly #names: readonly string[];
  readonly #catalog: TaskCatalog;
  readonly #facts: readonly unknown[];
  readonly #at: number;
  /** What a run without any nodes lacks, unless something is recalled. */
  readonly growth: Growth | undefined;
  /** What the request came to once. */
  readonly recalled: RecalledGrowth | undefined;

  /**
   * @param recalled What the request came to once, if it is likely that it comes to that again: whether it
   *   does is seen to by whoever uses it.
   * @throws DefinitionError with every problem of the request
   */
  constructor(
    names: readonly string[],
    catalog: TaskCatalog,
    recalled: RecalledGrowth | undefined,
  ) {
    this.#names = names;
    this.#catalog = catalog;
    this.#facts = factsOf(catalog);
    this.recalled = recalled;
    this.growth = recalled === undefined ? growGraph(new Map(), names, catalog) : undefined;
    this.#at = host.now();
  }

  /** Whether it is still what `names` need: nothing can have changed since. It may be used once. */
  holdsFor(names: readonly string[], catalog: TaskCatalog): boolean {
    return (
      catalog === this.#catalog &&
      host.now() - this.#at < foreseenMs &&
      isSameList(names, this.#names) &&
      isSameList(factsOf(catalog), this.#facts)
    );
  }
}

/** Functions of definitions may look at files: another build may have changed them after this. */
const foreseenMs = 1000;

function factsOf({ params, definitions, instances, nativeNames }: TaskCatalog): unknown[] {
  return [params, definitions.size, instances.size, nativeNames.size];
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

/**
 * Makes the tasks that `name` stands for known to the catalog, with their deps.
 *
 * @returns Their full names.
 * @throws DefinitionError with every problem
 */
export function createInstances(
  name: string,
  as: string | undefined,
  catalog: TaskCatalog,
): readonly string[] {
  const { names, instances } = create(name, as, catalog);
  for (const [full, instance] of instances) catalog.addInstance(full, instance);
  return names;
}
