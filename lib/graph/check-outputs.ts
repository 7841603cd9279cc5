import { posix } from 'node:path';
import type { Problem } from '../model/errors.ts';
import type { GraphNode, TaskNode } from '../model/node.ts';
import { placeText } from '../model/place.ts';

/**
 * Two tasks that declare one output, and tasks whose input is literally their own output.
 *
 * @param oldOwners Who makes a path in the graph so far.
 */
export function checkOutputs(
  oldOwners: ReadonlyMap<string, TaskNode>,
  added: Iterable<GraphNode>,
): Problem[] {
  const owners = new Map<string, TaskNode>();
  const problems: Problem[] = [];
  for (const node of added) {
    if (node.kind !== 'task' || node.outputs.length === 0) continue;
    claim(node, owners, oldOwners, problems);
    noteOwnInputs(node, problems);
  }
  return problems;
}

function claim(
  node: TaskNode,
  owners: Map<string, TaskNode>,
  oldOwners: ReadonlyMap<string, TaskNode>,
  problems: Problem[],
): void {
  for (const output of node.outputs) {
    const path = normal(output);
    const owner = owners.get(path) ?? oldOwners.get(path);
    owners.set(path, owner ?? node);
    if (owner === undefined || owner === node) continue;
    problems.push({
      code: 'overlapping-outputs',
      text: `'${owner.name}' and '${node.name}' both make '${path}'.`,
      place: node.definition.place,
      hint: `The first is defined at ${placeText(owner.definition.place)}. Give each its own file.`,
    });
  }
}

function noteOwnInputs(node: TaskNode, problems: Problem[]): void {
  const [only] = node.outputs;
  const single = only !== undefined && node.outputs.length === 1 ? normal(only) : undefined;
  const all = single === undefined ? new Set(node.outputs.map(normal)) : undefined;
  for (const input of node.inputs) {
    if (typeof input !== 'string') continue;
    const path = normal(input);
    if (path !== single && all?.has(path) !== true) continue;
    problems.push({
      code: 'overlapping-outputs',
      text: `'${node.name}' names '${input}' both as an input and as an output.`,
      place: node.definition.place,
      hint: 'Write to another file, or leave it out of one of the two.',
    });
  }
}

/** Most paths are in normal form, which is quicker to see than to make. */
function normal(path: string): string {
  return isNormal.test(path) ? path : posix.normalize(path);
}

const isNormal = /^[\w@+-][\w@+.-]*(?:\/[\w@+-][\w@+.-]*)*$/;
