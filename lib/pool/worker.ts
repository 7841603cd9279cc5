import { randomUUID } from 'node:crypto';
import { type ErrorImage, imageOf } from '../model/error-image.ts';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import { isPause, type NestedCall } from '../model/nested-call.ts';
import { JobOutput } from './job-output.ts';
import { type Clock, PausableTimer } from './pausable-timer.ts';
import { type Answer, type FromWorker, outputMark } from './protocol.ts';
import type { TaskHooks, TaskReport, TaskRequest, TaskTerms } from './task-pool.ts';
import { unserialisablePath } from './unserialisable-path.ts';
import { type Exit, type WorkerOptions, WorkerProcess } from './worker-process.ts';

/** How a worker came up: ready, or why not. */
export type Start =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: TaskFailure };

const stderrTailLength = 8192;

/** What a worker is at. It has ended when the answer is there and both streams are at its end. */
interface Job {
  readonly nonce: string;
  readonly hooks: TaskHooks;
  readonly settle: (report: TaskReport) => void;
  readonly timers: PausableTimer[];
  answer?: TaskReport;
  streamsDue: number;
}

/** A child process that imports the user's files and then runs one task at a time. */
export class Worker {
  /** Settles when the user's files have been imported, or could not be. Never rejects. */
  readonly started: Promise<Start>;
  /** Resolves when nothing is left of it. Never rejects. */
  readonly gone: Promise<unknown>;
  readonly #process: WorkerProcess;
  readonly #clock: Clock;
  readonly #hasRun = new Set<string>();
  readonly #output = { stdout: new JobOutput(), stderr: new JobOutput() };
  #stderrTail = '';
  #isSpent = false;
  #job: Job | undefined;
  #settleStart: (start: Start) => void = () => undefined;

  /** @throws What the system has against a new process, in the few cases that are not told later. */
  constructor(options: WorkerOptions) {
    this.#clock = options.clock;
    this.started = new Promise((resolve) => {
      this.#settleStart = resolve;
    });
    this.#process = new WorkerProcess(options, {
      message: (message) => this.#take(message),
      output: (stream, bytes) => {
        if (stream === 'stderr') this.#keepTail(bytes);
        this.#output[stream].take(bytes);
      },
      outputEnded: (stream) => {
        // A task has closed it, so that the next one could not write.
        this.#isSpent = true;
        this.#output[stream].finish();
      },
    });
    this.gone = this.#process.gone.then((how) => this.#giveUp(how));
    this.#process.send({ kind: 'setup', setup: options.setup });
  }

  /**
   * Runs a task. Never rejects. After a lost worker or a passed limit the process group is gone
   * when it settles, and this worker is of no more use.
   */
  async run(request: TaskRequest, terms: TaskTerms, hooks: TaskHooks): Promise<TaskReport> {
    this.#hasRun.add(request.definition);
    this.#process.hold(true);
    const timers: PausableTimer[] = [];
    let cancel = (): void => undefined;
    const report = await new Promise<TaskReport>((settle) => {
      cancel = () => settle(unreported({ kind: 'cancelled' }));
      const job: Job = { nonce: randomUUID(), hooks, settle, timers, streamsDue: 2 };
      if (this.#begin(request, job)) timers.push(...this.#limits(job, terms));
      terms.signal.addEventListener('abort', cancel);
      if (terms.signal.aborted) cancel();
    });
    terms.signal.removeEventListener('abort', cancel);
    for (const timer of timers) timer.stop();
    this.#job = undefined;
    if (wasCutShort(report.outcome) || this.#isSpent || terms.isolate) await this.stop();
    else if (this.isUsable) this.#process.hold(false);
    return report;
  }

  /** Whether a task of this definition has run here, so that its code is loaded and compiled. */
  hasRun(definition: string): boolean {
    return this.#hasRun.has(definition);
  }

  /** Of how many definitions tasks have run here. */
  get warmth(): number {
    return this.#hasRun.size;
  }

  /** Whether it can be given another task. */
  get isUsable(): boolean {
    return !this.#process.isLost && !this.#isSpent;
  }

  /** SIGTERM to the group, SIGKILL after the grace period; resolves when the group is gone. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** SIGKILL to the group, at once and without waiting. */
  kill(): void {
    this.#process.kill();
  }

  /** Whether the worker has got the job; if not, it is settled. */
  #begin(request: TaskRequest, job: Job): boolean {
    try {
      this.#process.send({ kind: 'run', nonce: job.nonce, request });
    } catch {
      job.settle(unreported({ kind: 'failed', failure: unsendable(request) }));
      return false;
    }
    this.#job = job;
    for (const stream of ['stdout', 'stderr'] as const) {
      const onText = (text: string): void => job.hooks.onOutput(stream, text);
      this.#output[stream].begin(outputMark(job.nonce), onText, () => {
        job.streamsDue -= 1;
        settleIfWhole(job);
      });
    }
    return true;
  }

  #limits({ nonce, settle }: Job, { limitMs, softLimitMs }: TaskTerms): PausableTimer[] {
    const timers: PausableTimer[] = [];
    const after = (ms: number | undefined, run: (ms: number) => void): void => {
      if (ms !== undefined) timers.push(new PausableTimer(this.#clock, ms, () => run(ms)));
    };
    after(limitMs, (ms) => {
      const failure: TaskFailure = { reason: 'timed-out', limitMs: ms };
      settle(unreported({ kind: 'failed', failure }));
    });
    after(softLimitMs, (ms) => this.#process.send({ kind: 'late', nonce, limitMs: ms }));
    return timers;
  }

  /** Clocks stand still from the question to the answer, if the task can do nothing meanwhile. */
  async #answer(job: Job, id: number, call: NestedCall): Promise<void> {
    const isPaused = isPause(call);
    if (isPaused) for (const timer of job.timers) timer.pause();
    const answer = await job.hooks.onCall(call).then(
      (value): Answer => ({ kind: 'value', value }),
      (error: unknown): Answer => ({ kind: 'error', error: imageOf(error) }),
    );
    if (this.#job !== job) return;
    if (isPaused) for (const timer of job.timers) timer.resume();
    try {
      this.#process.send({ kind: 'answer', nonce: job.nonce, id, answer });
    } catch (error) {
      // A result of a task in this process may be anything, and only plain data can be sent.
      const refusal: Answer = { kind: 'error', error: imageOf(error) };
      this.#process.send({ kind: 'answer', nonce: job.nonce, id, answer: refusal });
    }
  }

  #take(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#settleStart({ kind: 'ready' });
        break;
      case 'start-failed': {
        const how = { exitCode: null, signal: null };
        this.#settleStart(startFailed(how, this.#stderrTail, message.error));
        break;
      }
      case 'ended':
        if (message.nonce !== this.#job?.nonce) return;
        this.#job.answer = message.report;
        settleIfWhole(this.#job);
        break;
      case 'call':
        if (message.nonce !== this.#job?.nonce) return;
        void this.#answer(this.#job, message.id, message.call);
        break;
      case 'spent':
        this.#isSpent = true;
        if (this.#job === undefined) void this.stop();
        break;
      default:
      // A message of the user's own code, which is none of our business.
    }
  }

  /** The process has ended: whatever was to come of it has come. */
  #giveUp(how: Exit): void {
    this.#settleStart(startFailed(how, this.#stderrTail));
    const lost: TaskOutcome = { kind: 'failed', failure: { reason: 'lost', ...how } };
    this.#job?.settle(this.#job.answer ?? unreported(lost));
  }

  #keepTail(bytes: Buffer): void {
    this.#stderrTail = (this.#stderrTail + bytes.toString('utf8')).slice(-stderrTailLength);
  }
}

/** The process was stopped before the task had ended. */
function wasCutShort(outcome: TaskOutcome): boolean {
  if (outcome.kind === 'cancelled') return true;
  return outcome.kind === 'failed' && outcome.failure.reason === 'timed-out';
}

/** What becomes of a task whose process could not say. */
function unreported(outcome: TaskOutcome): TaskReport {
  return { outcome, paramsRead: [], discovered: [] };
}

function settleIfWhole({ answer, streamsDue, settle }: Job): void {
  if (answer !== undefined && streamsDue === 0) settle(answer);
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

function startFailed({ exitCode, signal }: Exit, stderr: string, error?: ErrorImage): Start {
  return {
    kind: 'failed',
    failure: {
      reason: 'worker-start-failed',
      ...(error !== undefined && { error }),
      exitCode,
      signal,
      stderr,
    },
  };
}
