import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import { JobOutput } from './job-output.ts';
import { canLeadGroup, isGroupLeft, signalGroup } from './process-group.ts';
import { endMark, type FromWorker, type ToWorker } from './protocol.ts';
import type { OnOutput, TaskRequest, WorkerSetup } from './task-pool.ts';

/** What workers are made with. */
export interface WorkerOptions {
  readonly setup: WorkerSetup;
  /** The program that the child runs. */
  readonly childEntry: string;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  /** Runs a function after so many milliseconds; what it returns cancels that. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** How a worker came up: ready, or why not. */
export type Start =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: TaskFailure };

/** How long output may still come in after a worker has gone: a grandchild may hold the pipe open. */
const drainMs = 500;
/** How long killed processes of a group may take to disappear. */
const goneMs = 1000;
const stderrTailLength = 8192;

interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** One child process, which leads a process group of its own and runs one task at a time. */
export class Worker {
  /** Settles when the user's files have been imported, or could not be. Never rejects. */
  readonly started: Promise<Start>;
  /** Resolves when the process has ended, or never began. */
  readonly exited: Promise<Exit>;
  readonly #options: WorkerOptions;
  readonly #child: ChildProcess;
  readonly #hasRun = new Set<string>();
  readonly #stdout = new JobOutput();
  readonly #stderr = new JobOutput();
  #stderrTail = '';
  #hasExited = false;
  #isSpent = false;
  #burial: Promise<void> | undefined;
  #onMessage: (message: FromWorker) => void = () => undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { setup, childEntry } = options;
    this.#child = fork(childEntry, [], {
      cwd: setup.startDir,
      execArgv: setup.execArgv.filter((flag) => !/^--(?:inspect|watch)/.test(flag)),
      serialization: 'advanced',
      detached: canLeadGroup,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (exitCode, signal) => {
        this.#hasExited = true;
        resolve({ exitCode, signal });
      });
      this.#child.once('error', (error) => {
        this.#stderrTail += `${error.message}\n`;
        if (this.#child.pid === undefined) resolve({ exitCode: null, signal: null });
      });
    });
    this.#child.on('message', (message) => this.#onMessage(message as FromWorker));
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#stdout.take(bytes));
    // A task may close its own streams; no mark comes on them then.
    this.#child.stdout?.once('end', () => this.#stdout.finish());
    this.#child.stderr?.once('end', () => this.#stderr.finish());
    this.#child.stderr?.on('data', (bytes: Buffer) => this.#takeStderr(bytes));
    void this.exited.then(() => this.#bury());
    this.started = this.#start();
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
    const nonce = randomUUID();
    const mark = endMark(nonce);
    const marks = Promise.all([
      new Promise<void>((done) => this.#stdout.begin(mark, (t) => onOutput('stdout', t), done)),
      new Promise<void>((done) => this.#stderr.begin(mark, (t) => onOutput('stderr', t), done)),
    ]);
    let answered: TaskOutcome | undefined;
    const answer = new Promise<TaskOutcome>((resolve) => {
      this.#onMessage = (message) => {
        if (message.kind !== 'ended' || message.nonce !== nonce) return;
        answered = message.outcome;
        this.#isSpent = message.isSpent;
        resolve(answered);
      };
    });
    this.#hasRun.add(request.definition);
    this.#setBusy(true);
    this.#send({ kind: 'run', nonce, request });
    const late = this.#limit(limitMs);
    const exit = this.exited.then(async (how) => {
      await this.#bury();
      return answered ?? lost(how);
    });
    const outcome = await Promise.race([
      Promise.all([answer, marks]).then(([first]) => first),
      exit,
      late.passed,
    ]);
    late.cancel();
    if (outcome.kind === 'failed' && outcome.failure.reason === 'timed-out') await this.stop();
    if (this.#isSpent) await this.stop();
    if (!this.#hasExited) this.#setBusy(false);
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

  /** Whether the process is alive. */
  get isAlive(): boolean {
    return !this.#hasExited;
  }

  /** SIGTERM to the group, SIGKILL after the grace period; resolves when the group is gone. */
  async stop(): Promise<void> {
    signalGroup(this.#child, 'SIGTERM');
    const cancel = this.#options.after(this.#options.killGraceMs, () => this.kill());
    await this.exited;
    await this.#whileGroupIsLeft(this.#options.killGraceMs);
    cancel();
    await this.#bury();
  }

  /** SIGKILL to the group, at once and without waiting. */
  kill(): void {
    signalGroup(this.#child, 'SIGKILL');
  }

  async #start(): Promise<Start> {
    const answer = new Promise<Start>((resolve) => {
      this.#onMessage = (message) => {
        if (message.kind === 'ready') resolve({ kind: 'ready' });
        if (message.kind === 'start-failed') {
          const { error } = message;
          resolve(startFailed({ exitCode: null, signal: null }, this.#stderrTail, error));
        }
      };
    });
    this.#send({ kind: 'setup', setup: this.#options.setup });
    const exit = this.exited.then(async (how) => {
      await this.#bury();
      return startFailed(how, this.#stderrTail);
    });
    return Promise.race([answer, exit]);
  }

  /** After the process has ended: the rest of its group goes too, and its output is taken in. */
  #bury(): Promise<void> {
    this.#burial ??= this.#clearAway();
    return this.#burial;
  }

  async #clearAway(): Promise<void> {
    this.kill();
    await this.#whileGroupIsLeft(goneMs);
    await this.#drained();
    this.#stdout.finish();
    this.#stderr.finish();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #drained(): Promise<void> {
    const open = [this.#child.stdout, this.#child.stderr].filter(
      (stream) => stream !== null && !stream.readableEnded && !stream.destroyed,
    );
    const ends = open.map((stream) => new Promise((resolve) => stream?.once('close', resolve)));
    return this.#atMost(drainMs, Promise.all(ends));
  }

  async #whileGroupIsLeft(limitMs: number): Promise<void> {
    let isOver = false;
    const cancel = this.#options.after(limitMs, () => {
      isOver = true;
    });
    // Nothing tells when a process that is not our child has ended, so there is no event to wait for.
    while (!isOver && isGroupLeft(this.#child)) await this.#pause(5);
    cancel();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.after(ms, resolve);
    });
  }

  async #atMost(ms: number, event: Promise<unknown>): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.#options.after(ms, resolve);
    });
    await Promise.race([event, late]);
    cancel();
  }

  #limit(limitMs: number | undefined): { passed: Promise<TaskOutcome>; cancel: () => void } {
    let cancel = (): void => undefined;
    const passed = new Promise<TaskOutcome>((resolve) => {
      if (limitMs === undefined) return;
      cancel = this.#options.after(limitMs, () =>
        resolve({ kind: 'failed', failure: { reason: 'timed-out', limitMs } }),
      );
    });
    return { passed, cancel };
  }

  #takeStderr(bytes: Buffer): void {
    this.#stderrTail = (this.#stderrTail + bytes.toString('utf8')).slice(-stderrTailLength);
    this.#stderr.take(bytes);
  }

  /** An idle worker does not keep this process alive, a busy one does. */
  #setBusy(isBusy: boolean): void {
    const { stdout, stderr, channel } = this.#child;
    const handles = [this.#child, channel, stdout, stderr] as ({
      ref?: () => void;
      unref?: () => void;
    } | null)[];
    for (const handle of handles) {
      if (isBusy) handle?.ref?.();
      else handle?.unref?.();
    }
  }

  #send(message: ToWorker): void {
    // A worker that has just died cannot be written to; that it is gone is told by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}

function lost({ exitCode, signal }: Exit): TaskOutcome {
  return { kind: 'failed', failure: { reason: 'lost', exitCode, signal } };
}

function startFailed(
  { exitCode, signal }: Exit,
  stderr: string,
  error?: Extract<FromWorker, { kind: 'start-failed' }>['error'],
): Start {
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
