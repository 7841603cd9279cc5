import { StringDecoder } from 'node:string_decoder';
import type { TaskOutcome } from '../model/failure.ts';
import type { TakeOutput } from '../model/inside-task.ts';
import { isPause, type NestedCall } from '../model/nested-call.ts';
import type { TaskNode } from '../model/node.ts';
import { SoftTimeLimitExceeded } from '../model/task-ending.ts';
import { type Clock, PausableTimer } from '../pool/pausable-timer.ts';
import { runAction } from '../pool/run-action.ts';
import type { TaskHooks, TaskReport, TaskRequest, TaskTerms } from '../pool/task-pool.ts';

/**
 * Runs a task in this process. A task that passes its limit has failed, though a synchronous loop
 * in it cannot be stopped; one that is cancelled is left to itself. What `divert` gives it is its
 * output until then. Never rejects.
 */
export async function runInProcess(
  node: TaskNode,
  request: TaskRequest,
  terms: TaskTerms,
  hooks: TaskHooks,
  clock: Clock,
): Promise<TaskReport> {
  const told = new LateSignal();
  const timers: PausableTimer[] = [];
  const output = decoded(hooks.onOutput);
  let hasEnded = false;
  const link = {
    get signal() {
      return told.signal;
    },
    call: (call: NestedCall) => answered(call, timers, hooks),
    write: (stream: 'stdout' | 'stderr', piece: string | Uint8Array) =>
      !hasEnded && output(stream, piece),
  };
  const running = runAction(node.definition, node.args, request, link);
  const stopped = new Promise<TaskReport>((resolve) => {
    const end = (outcome: TaskOutcome): void =>
      resolve({ outcome, paramsRead: [], discovered: [] });
    timers.push(...limits(terms, clock, told, end));
    terms.signal.addEventListener('abort', () => {
      told.abort(terms.signal.reason);
      end({ kind: 'cancelled' });
    });
  });
  const report = await Promise.race([running, stopped]);
  hasEnded = true;
  for (const timer of timers) timer.stop();
  return report;
}

/** A signal that is made when somebody asks for it: few tasks do, and it takes a while. */
class LateSignal {
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

function decoded(take: TaskHooks['onOutput']): TakeOutput {
  const decoders: { stdout?: StringDecoder; stderr?: StringDecoder } = {};
  const textOf = (stream: 'stdout' | 'stderr', piece: Uint8Array): string => {
    decoders[stream] ??= new StringDecoder('utf8');
    return decoders[stream].write(Buffer.from(piece));
  };
  return (stream, piece) => {
    take(stream, typeof piece === 'string' ? piece : textOf(stream, piece));
    return true;
  };
}

function limits(
  { limitMs, softLimitMs }: TaskTerms,
  clock: Clock,
  told: LateSignal,
  end: (outcome: TaskOutcome) => void,
): PausableTimer[] {
  const timers: PausableTimer[] = [];
  const after = (ms: number | undefined, run: (ms: number) => void): void => {
    if (ms !== undefined) timers.push(new PausableTimer(clock, ms, () => run(ms)));
  };
  after(softLimitMs, (ms) => told.abort(new SoftTimeLimitExceeded(ms)));
  after(limitMs, (ms) => {
    told.abort(new Error(`The time limit of ${ms} ms has passed.`));
    end({ kind: 'failed', failure: { reason: 'timed-out', limitMs: ms } });
  });
  return timers;
}

/** Clocks stand still from the question to the answer. */
async function answered(
  call: NestedCall,
  timers: readonly PausableTimer[],
  hooks: Pick<TaskHooks, 'onCall'>,
): Promise<unknown> {
  if (!isPause(call)) return hooks.onCall(call);
  for (const timer of timers) timer.pause();
  try {
    return await hooks.onCall(call);
  } finally {
    for (const timer of timers) timer.resume();
  }
}
