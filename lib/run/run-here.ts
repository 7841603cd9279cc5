import type { TaskNode } from '../model/node.ts';
import type { TaskHooks, TaskReport, TaskRequest, TaskTerms } from '../pool/task-pool.ts';
import { divert } from './divert.ts';
import { host } from './host.ts';

/** Runs a task in this process, and what it needs for that is loaded first. Never rejects. */
export async function runHere(
  node: TaskNode,
  request: TaskRequest,
  terms: TaskTerms,
  hooks: TaskHooks,
): Promise<TaskReport> {
  const { runInProcess } = inProcess ?? (await loadInProcess());
  if (terms.signal.aborted) {
    return { outcome: { kind: 'cancelled' }, paramsRead: [], discovered: [] };
  }
  // What the task writes meanwhile is its output.
  const undivert = divert(host);
  try {
    return await runInProcess(node, request, terms, hooks, host);
  } finally {
    undivert();
  }
}

/** Loads what runs tasks in this process: a run with nothing to do needs none of it. */
export async function loadInProcess(): Promise<InProcess> {
  inProcess ??= await import('./run-in-process.ts');
  return inProcess;
}

type InProcess = typeof import('./run-in-process.ts');

let inProcess: InProcess | undefined;
