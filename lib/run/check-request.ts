import { createInstances as create } from '../graph/create-instances.ts';
import { growGraph } from '../graph/grow-graph.ts';
import type { TaskCatalog } from './task-catalog.ts';

/**
 * Works out what `names` need, and starts nothing.
 *
 * @returns The full names that `names` stand for.
 * @throws DefinitionError with every problem of the request
 */
export function checkRequest(names: readonly string[], catalog: TaskCatalog): readonly string[] {
  return growGraph(new Map(), names, catalog).wanted;
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
