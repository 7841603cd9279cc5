import type { TaskNode } from '../model/node.ts';
import type { TaskRequest } from '../pool/task-pool.ts';
import type { Attempt } from './effects.ts';

/** What whoever runs an attempt of a task is given. */
export function requestOf(node: TaskNode, attempt: Attempt): TaskRequest {
  return {
    task: node.name,
    definition: node.definition.name,
    rawArgs: node.rawArgs,
    params: node.params,
    results: attempt.results,
    changedDeps: attempt.changedDeps,
    inputs: attempt.seen.inputs.map((file) => file.path),
    inputDigests:
      node.inputs.length === 0 ? undefined : attempt.seen.inputs.map((file) => file.sha256 ?? ''),
    inputPatterns: node.inputs.filter((input) => typeof input === 'string'),
    outputs: node.outputs,
    attempt: attempt.number,
  };
}
