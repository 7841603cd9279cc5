import { type ChildProcess, fork } from 'node:child_process';
import type { Clock } from './pausable-timer.ts';
import { canLeadGroup, isGroupLeft, signalGroup } from './process-group.ts';
import { type FromWorker, isFromWorker, type ToWorker } from './protocol.ts';
import type { WorkerSetup } from './task-pool.ts';

/** What workers are made with. */
export interface WorkerOptions {
  readonly setup: WorkerSetup;
  /** The program that the child runs. */
  readonly childEntry: string;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  readonly clock: Clock;
}

/** Who is told what comes from the process. */
export interface ProcessListener {
  message(message: FromWorker): void;
  /** Also told on stderr: why the system could not start the process. */
  output(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  /** Nothing comes from this stream any more. May be told twice. */
  outputEnded(stream: 'stdout' | 'stderr'): void;
}

/** How a process ended; both are null if it never began. */
export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** How long output may still come in after a worker has gone: a grandchild may hold the pipe open. */
const drainMs = 500;
/** How long killed processes of a group may take to disappear. */
const goneMs = 1000;
const streams = ['stdout', 'stderr'] as const;

/** A child process that leads a group of its own, from its start until nothing is left of it. */
export class WorkerProcess {
  /**
   * Resolves when the process has ended, or never began, when its group is gone and when all that
   * it sent and wrote has been told. Never rejects.
   */
  readonly gone: Promise<Exit>;
  readonly #options: WorkerOptions;
  readonly #listener: ProcessListener;
  readonly #child: ChildProcess;
  #hasExited = false;
  #stopping: Promise<void> | undefined;

  /** @throws What the system has against a new process, in the few cases that are not told later. */
  constructor(options: WorkerOptions, listener: ProcessListener) {
    this.#options = options;
    this.#listener = listener;
    const { setup, childEntry } = options;
    this.#child = fork(childEntry, [], {
      cwd: setup.startDir,
      execArgv: setup.execArgv.filter((flag) => !/^--(?:inspect|watch)/.test(flag)),
      serialization: 'advanced',
      detached: canLeadGroup,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.on('message', (message: unknown) => {
      if (isFromWorker(message)) listener.message(message);
    });
    for (const stream of streams) {
      this.#child[stream]?.on('data', (bytes: Buffer) => listener.output(stream, bytes));
      this.#child[stream]?.on('close', () => listener.outputEnded(stream));
    }
    this.gone = this.#exit().then(async (how) => {
      await this.#clearAway();
      return how;
    });
  }

  /** Whether the process has ended, never began or is being stopped. */
  get isLost(): boolean {
    return this.#hasExited || this.#stopping !== undefined;
  }

  /** @throws If `message` holds what cannot be sent. */
  send(message: ToWorker): void {
    // A process that has just died cannot be written to; that it is gone is told by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** SIGTERM to the group, SIGKILL after the grace period; resolves when the group is gone. */
  async stop(): Promise<void> {
    this.hold(true);
    this.#stopping ??= this.#endGently();
    await this.#stopping;
    await this.gone;
  }

  /** SIGKILL to the group, at once and without waiting. */
  kill(): void {
    signalGroup(this.#child, 'SIGKILL');
  }

  /** Whether this process stays alive for the child's sake. It does at first. */
  hold(isHeld: boolean): void {
    const { stdout, stderr, channel } = this.#child;
    const handles = [this.#child, channel, stdout, stderr] as ({
      ref?: () => void;
      unref?: () => void;
    } | null)[];
    for (const handle of handles) {
      if (isHeld) handle?.ref?.();
      else handle?.unref?.();
    }
  }

  #exit(): Promise<Exit> {
    return new Promise((resolve) => {
      const end = (exitCode: number | null, signal: string | null): void => {
        this.#hasExited = true;
        resolve({ exitCode, signal });
      };
      this.#child.once('exit', end);
      this.#child.on('error', (error) => {
        const text = `${error.message} (in ${this.#options.setup.startDir})\n`;
        this.#listener.output('stderr', Buffer.from(text));
        if (this.#child.pid === undefined) end(null, null);
      });
    });
  }

  async #endGently(): Promise<void> {
    signalGroup(this.#child, 'SIGTERM');
    await this.#groupGone(this.#options.killGraceMs);
    this.kill();
  }

  /** Ends what is left of the group, and takes in the rest of its output. */
  async #clearAway(): Promise<void> {
    // The rest of a group that was asked to end has its grace period too.
    await this.#stopping;
    this.kill();
    await this.#groupGone(goneMs);
    await this.#drained();
    for (const stream of streams) {
      this.#listener.outputEnded(stream);
      this.#child[stream]?.destroy();
    }
  }

  /** The process and its group are gone, or `limitMs` have passed. */
  async #groupGone(limitMs: number): Promise<void> {
    let isOver = false;
    const cancel = this.#options.clock.after(limitMs, () => {
      isOver = true;
    });
    const isLeft = (): boolean => !this.#hasExited || isGroupLeft(this.#child);
    // Nothing tells when a process that is not our child has ended, so there is no event to wait for.
    for (let ms = 1; !isOver && isLeft(); ms = Math.min(2 * ms, 20)) await this.#pause(ms);
    cancel();
  }

  /** The pipes have closed and all messages are in, or `drainMs` have passed. */
  async #drained(): Promise<void> {
    const pipes = streams
      .map((stream) => this.#child[stream])
      .filter((pipe) => pipe?.closed === false);
    const ends = pipes.map((pipe) => new Promise((resolve) => pipe?.once('close', resolve)));
    if (this.#child.connected) {
      ends.push(new Promise((resolve) => this.#child.once('disconnect', resolve)));
    }
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(drainMs, resolve);
    });
    await Promise.race([Promise.all(ends), late]);
    cancel();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }
}
