import process from 'node:process';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import { isPause, type NestedCall } from '../model/nested-call.ts';
import { buildFlags } from './build-flags.ts';
import { Crew } from './crew.ts';
import { ClientJob, type Job, type JobOutcome, type WorkerView } from './job.ts';
import { callOf, type JobCall } from './job-call.ts';
import type {
  TaskHooks,
  TaskPool,
  TaskReport,
  TaskRequest,
  TaskTerms,
  WorkerSetup,
} from './task-pool.ts';
import { unserialisablePath } from './unserialisable-path.ts';

/** What the workers of tasks are made with. */
export interface TaskPoolOptions {
  readonly setup: WorkerSetup;
  /** The program that a worker runs. */
  readonly childEntry: string;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
}

/** How long output may still come in after a worker has gone: a grandchild may hold the pipe open. */
const drainMs = 500;
/** The one function that workers of tasks have; what to do stands in its argument. */
const runTask = { id: 0, definition: 'task', cost: { ms: undefined } } as const;

/**
 * A pool whose workers start when a task waits and stay for the next one. How many run at a time is
 * for the executor to say: a task that waits for others keeps its worker.
 */
export function openTaskPool(options: TaskPoolOptions): TaskPool {
  return new TaskCrew(options);
}

class TaskCrew implements TaskPool {
  readonly #crew: Crew;
  #hasToldStart = false;

  constructor({ setup, childEntry, killGraceMs }: TaskPoolOptions) {
    this.#crew = new Crew({
      program: {
        entry: childEntry,
        execArgv: buildFlags(setup.execArgv),
        workDir: setup.startDir,
        env: process.env,
        keepsMemory: true,
        setup,
        takesOutput: true,
      },
      patience: { killGraceMs, drainMs },
      size: Number.POSITIVE_INFINITY,
      maxDepth: 1,
      // What the build file throws on import it would throw again.
      maxStartFailures: 0,
    });
  }

  run(request: TaskRequest, terms: TaskTerms, hooks: TaskHooks): Promise<TaskReport> {
    let call: JobCall;
    try {
      call = callOf(runTask, [request]);
    } catch {
      return Promise.resolve(unreported({ kind: 'failed', failure: unsendable(request) }));
    }
    const { signal } = terms;
    return new Promise((resolve) => {
      const cancel = (): void => this.#crew.terminateJob(job, 'SIGTERM');
      const client = {
        settled: (outcome: JobOutcome) => {
          signal.removeEventListener('abort', cancel);
          resolve(this.#reportOf(outcome));
        },
        output: hooks.onOutput,
        started: ({ pid, index }: WorkerView) => hooks.onStarted?.({ pid, worker: index }),
        asked: (question: unknown) => answer(job, question as NestedCall, hooks),
      };
      const job = new ClientJob(call, client, {
        isExclusive: true,
        softLimitMs: terms.softLimitMs,
        hardLimitMs: terms.limitMs,
        affinity: request.definition,
        isFresh: terms.isolate,
        attempt: request.attempt,
      });
      signal.addEventListener('abort', cancel);
      this.#crew.submit(job);
      if (signal.aborted) cancel();
    });
  }

  async cancel(): Promise<void> {
    this.#crew.terminate();
    await this.#crew.done();
  }

  kill(): void {
    this.#crew.kill();
  }

  #reportOf(outcome: JobOutcome): TaskReport {
    if (outcome.kind === 'returned') return outcome.value as TaskReport;
    if (outcome.kind !== 'broken') return unreported(outcomeOf(outcome));
    // One error is told; the others would only repeat it.
    if (this.#hasToldStart) return unreported({ kind: 'cancelled' });
    this.#hasToldStart = true;
    const { error, exitCode, signal, stderr } = outcome.failure;
    const rest = { exitCode, signal, stderr, ...(error !== undefined && { error }) };
    return unreported({ kind: 'failed', failure: { reason: 'worker-start-failed', ...rest } });
  }
}

/** What becomes of a task whose process could not say. */
function unreported(outcome: TaskOutcome): TaskReport {
  return { outcome, paramsRead: [], discovered: [] };
}

function outcomeOf(outcome: Exclude<JobOutcome, { kind: 'returned' | 'broken' }>): TaskOutcome {
  switch (outcome.kind) {
    case 'threw':
      return failed({ reason: 'threw', error: outcome.error });
    case 'unsendable': {
      const path = outcome.path.replace('result.outcome.value', 'result');
      const message = 'only plain data can be sent';
      return failed({ reason: 'not-serialisable', path, message });
    }
    case 'never-completed':
      return failed({ reason: 'never-completed' });
    case 'timed-out':
      return failed({ reason: 'timed-out', limitMs: outcome.limitMs });
    case 'lost':
      return failed({ reason: 'lost', exitCode: outcome.exitCode, signal: outcome.signal });
    // Cut short: it is neither to blame for failing nor to be believed that it has succeeded.
    case 'terminated':
    case 'cancelled':
    case 'pool-terminated':
      return { kind: 'cancelled' };
  }
}

function failed(failure: TaskFailure): TaskOutcome {
  return { kind: 'failed', failure };
}

/** Clocks stand still from the question to the answer, if the task can do nothing meanwhile. */
async function answer({ limits }: Job, call: NestedCall, hooks: TaskHooks): Promise<unknown> {
  if (!isPause(call)) return hooks.onCall(call);
  limits?.pause();
  try {
    return await hooks.onCall(call);
  } finally {
    limits?.resume();
  }
}

/** What a task in this process returned may be anything, and goes to the tasks that depend on it. */
function unsendable({ results }: TaskRequest): TaskFailure {
  const paths = [...results].map(([dep, value]) =>
    unserialisablePath(value, `ctx.results[${JSON.stringify(dep)}]`),
  );
  const path = paths.find((each) => each !== undefined) ?? 'ctx.results';
  const message = 'it comes from a task outside of the workers, and only plain data can be sent';
  return { reason: 'not-serialisable', path, message };
}
