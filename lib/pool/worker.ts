import { randomUUID } from 'node:crypto';
import type { ErrorImage } from '../model/error-image.ts';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import { JobOutput } from './job-output.ts';
import { type FromWorker, outputMark } from './protocol.ts';
import type { OnOutput, TaskRequest } from './task-pool.ts';
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
  readonly settle: (outcome: TaskOutcome) => void;
  answer?: TaskOutcome;
  streamsDue: number;
}

/** A child process that imports the user's files and then runs one task at a time. */
export class Worker {
  /** Settles when the user's files have been imported, or could not be. Never rejects. */
  readonly started: Promise<Start>;
  /** Resolves when nothing is left of it. Never rejects. */
  readonly gone: Promise<unknown>;
  readonly #process: WorkerProcess;
  readonly #after: WorkerOptions['after'];
  readonly #hasRun = new Set<string>();
  readonly #output = { stdout: new JobOutput(), stderr: new JobOutput() };
  #stderrTail = '';
  #isSpent = false;
  #job: Job | undefined;
  #settleStart: (start: Start) => void = () => undefined;

  /** @throws What the system has against a new process, in the few cases that are not told later. */
  constructor(options: WorkerOptions) {
    this.#after = options.after;
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
  async run(
    request: TaskRequest,
    limitMs: number | undefined,
    onOutput: OnOutput,
  ): Promise<TaskOutcome> {
    this.#hasRun.add(request.definition);
    this.#process.hold(true);
    let cancelLimit = (): void => undefined;
    const outcome = await new Promise<TaskOutcome>((settle) => {
      if (!this.#begin(request, onOutput, settle) || limitMs === undefined) return;
      cancelLimit = this.#after(limitMs, () =>
        settle({ kind: 'failed', failure: { reason: 'timed-out', limitMs } }),
      );
    });
    cancelLimit();
    this.#job = undefined;
    const isLate = outcome.kind === 'failed' && outcome.failure.reason === 'timed-out';
    if (isLate || this.#isSpent) await this.stop();
    else if (this.isUsable) this.#process.hold(false);
    return outcome;
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
  #begin(request: TaskRequest, onOutput: OnOutput, settle: Job['settle']): boolean {
    const nonce = randomUUID();
    const job: Job = { nonce, settle, streamsDue: 2 };
    try {
      this.#process.send({ kind: 'run', nonce, request });
    } catch {
      settle({ kind: 'failed', failure: unsendable(request) });
      return false;
    }
    this.#job = job;
    for (const stream of ['stdout', 'stderr'] as const) {
      const onText = (text: string): void => onOutput(stream, text);
      this.#output[stream].begin(outputMark(nonce), onText, () => {
        job.streamsDue -= 1;
        settleIfWhole(job);
      });
    }
    return true;
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
        this.#job.answer = message.outcome;
        settleIfWhole(this.#job);
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
    this.#job?.settle(this.#job.answer ?? { kind: 'failed', failure: { reason: 'lost', ...how } });
  }

  #keepTail(bytes: Buffer): void {
    this.#stderrTail = (this.#stderrTail + bytes.toString('utf8')).slice(-stderrTailLength);
  }
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
