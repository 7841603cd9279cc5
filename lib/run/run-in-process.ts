import type { TaskOutcome } from '../model/failure.ts';
import type { TaskNode } from '../model/node.ts';
import { runAction } from '../pool/run-action.ts';
import type { TaskRequest } from '../pool/task-pool.ts';

/**
 * Runs a task in this process. A task that passes its limit has failed, though a synchronous loop
 * in it cannot be stopped. Never rejects.
 *
 * @param after Runs a function after so many milliseconds; what it returns cancels that.
 */
export async function runInProcess(
  node: TaskNode,
  request: TaskRequest,
  limitMs: number | undefined,
  after: (ms: number, run: () => void) => () => void,
): Promise<TaskOutcome> {
  const running = runAction(node.definition, node.args, request);
  if (limitMs === undefined) return running;
  let cancel = (): void => undefined;
  const late = new Promise<TaskOutcome>((resolve) => {
    const outcome: TaskOutcome = { kind: 'failed', failure: { reason: 'timed-out', limitMs } };
    cancel = after(limitMs, () => resolve(outcome));
  });
  const outcome = await Promise.race([running, late]);
  cancel();
  return outcome;
}
