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
    for (const problem of claim(node, owners, oldOwners)) problems.push(problem);
    for (const problem of ownInputs(node)) problems.push(problem);
  }
  return problems;
}

function claim(
  node: TaskNode,
  owners: Map<string, TaskNode>,
  oldOwners: ReadonlyMap<string, TaskNode>,
): Problem[] {
  return node.outputs.flatMap((output) => {
    const path = normal(output);
    const owner = owners.get(path) ?? oldOwners.get(path);
    owners.set(path, owner ?? node);
    if (owner === undefined || owner === node) return [];
    return [
      {
        code: 'overlapping-outputs',
        text: `'${owner.name}' and '${node.name}' both make '${path}'.`,
        place: node.definition.place,
        hint: `The first is defined at ${placeText(owner.definition.place)}. Give each its own file.`,
      } as const,
    ];
  });
}

function ownInputs(node: TaskNode): Problem[] {
  const outputs = new Set(node.outputs.map(normal));
  return node.inputs.flatMap((input) => {
    if (typeof input !== 'string' || !outputs.has(normal(input))) return [];
    return [
      {
        code: 'overlapping-outputs',
        text: `'${node.name}' names '${input}' both as an input and as an output.`,
        place: node.definition.place,
        hint: 'Write to another file, or leave it out of one of the two.',
      } as const,
    ];
  });
}

/** Most paths are in normal form, which is quicker to see than to make. */
function normal(path: string): string {
  return isNormal.test(path) ? path : posix.normalize(path);
}

const isNormal = /^[\w@+-][\w@+.-]*(?:\/[\w@+-][\w@+.-]*)*$/;
