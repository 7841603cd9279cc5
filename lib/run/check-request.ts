import { createInstances as create } from '../graph/create-instances.ts';
import { type Growth, growGraph } from '../graph/grow-graph.ts';
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
  readonly #growth: Growth;
  readonly #at: number;

  /** @throws DefinitionError with every problem of the request */
  constructor(names: readonly string[], catalog: TaskCatalog) {
    this.#names = names;
    this.#catalog = catalog;
    this.#facts = factsOf(catalog);
    this.#growth = growGraph(new Map(), names, catalog);
    this.#at = host.now();
  }

  /**
   * What a run without any nodes lacks for `names`; undefined unless nothing can have changed since.
   * It may be used once.
   */
  growthFor(names: readonly string[], catalog: TaskCatalog): Growth | undefined {
    const isSame =
      catalog === this.#catalog &&
      host.now() - this.#at < foreseenMs &&
      isSameList(names, this.#names) &&
      isSameList(factsOf(catalog), this.#facts);
    return isSame ? this.#growth : undefined;
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
