import { removeOutputs } from '../cache/remove-outputs.ts';
import { growGraph } from '../graph/grow-graph.ts';
import { host } from './host.ts';
import type { TaskCatalog } from './task-catalog.ts';

/**
 * Removes the declared outputs of `names` and of all that they need.
 *
 * @throws DefinitionError with every problem of the names; nothing is removed then
 * @throws Error for an output outside of the working directory, and what `node:fs` does
 */
export function cleanOutputs(names: readonly string[], catalog: TaskCatalog): void {
  const { added } = growGraph(new Map(), names, catalog);
  const outputs = added.flatMap((node) => (node.kind === 'task' ? node.outputs : []));
  removeOutputs(outputs, host.workDir());
}
