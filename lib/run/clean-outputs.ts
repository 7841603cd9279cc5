import { removeOutputs } from '../cache/remove-outputs.ts';
import { growGraph } from '../graph/grow-graph.ts';
import type { TaskNode } from '../model/node.ts';
import { host } from './host.ts';
import type { TaskCatalog } from './task-catalog.ts';

/**
 * Removes the declared outputs of `names` and of all that they need, and what these have written.
 *
 * @param writtenBy The files that a task has written, declared or not.
 * @throws DefinitionError with every problem of the names; nothing is removed then
 * @throws Error for an output outside of the working directory, and what `node:fs` does
 */
export function cleanOutputs(
  names: readonly string[],
  catalog: TaskCatalog,
  writtenBy: (node: TaskNode) => readonly string[],
): void {
  const { added } = growGraph(new Map(), names, catalog);
  const tasks = added.filter((node) => node.kind === 'task');
  const declared = tasks.flatMap((node) => node.outputs);
  removeOutputs(declared, tasks.flatMap(writtenBy), host.workDir());
}
