import { sealedDefinitions } from '../dsl/program.ts';
import { castArgs } from '../model/cast-args.ts';
import type { NestedCall } from '../model/nested-call.ts';
import { currentJob } from '../pool/current-job.ts';
import { runAction } from '../pool/run-action.ts';
import type { TaskReport, TaskRequest } from '../pool/task-pool.ts';

/**
 * Runs a task of the user's files, as the job that the calling code belongs to.
 *
 * @param files Those that were imported. @throws What the arguments are refused with.
 */
export async function runTask(request: TaskRequest, files: readonly string[]): Promise<TaskReport> {
  const definition = sealedDefinitions().get(request.definition);
  if (definition?.action === undefined) {
    const outcome = { kind: 'failed', failure: { reason: 'not-in-worker', files } } as const;
    return { outcome, paramsRead: [], discovered: [] };
  }
  const job = currentJob();
  const link = { signal: job.signal, call: (call: NestedCall) => job.ask(call) };
  const report = await runAction(definition, castArgs(definition, request.rawArgs), request, link);
  const isService = definition.service !== undefined && report.outcome.kind === 'succeeded';
  // What it has left open is the service. If that is nothing, the worker tells that the job is stuck.
  return isService ? new Promise(() => undefined) : report;
}
