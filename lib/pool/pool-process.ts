import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import process from 'node:process';
import { keepingMemory } from './kept-memory.ts';
import { readIntoOwnBuffer } from './own-buffer.ts';
import { canLeadGroup, isGroupLeft, signalGroup } from './process-group.ts';
import {
  isThere,
  type KnownProcess,
  killWindowsTree,
  signalAll,
  straysOf,
} from './process-tree.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';
import { guardGroup, releaseGroup } from './sentinel.ts';
import { SharedPages } from './shared-pages.ts';
import { pause, settledWithin } from './timer.ts';
import { descriptors } from './worker-pipes.ts';

/** The program of a pool's workers, and how it is started. */
export interface WorkerProgram {
  /** The file that calls `serveJobs`. */
  readonly entry: string;
  /** Node's own flags for the child. */
  readonly execArgv: readonly string[];
  readonly workDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether it may hold memory that it has no use for at the moment. */
  readonly keepsMemory: boolean;
  /** Given to the program's `start`. Whatever v8 can clone. */
  readonly setup: unknown;
  /** Both streams come here, job by job; else stdout is that of this process. */
  readonly takesOutput: boolean;
}

/** How long a dead or stopped worker may take. All in milliseconds. */
export interface Patience {
  /** Between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  /** For what a dead worker has still sent. */
  readonly drainMs: number;
}

/** Who is told what comes from the process. */
export interface ProcessListener {
  records(records: readonly unknown[]): void;
  bytes(chunk: Buffer): void;
  output(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Nothing comes from this stream any more. */
  outputEnded(stream: 'stdout' | 'stderr'): void;
}

/** How a process ended; both are null if it never began. */
export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** How long killed processes of a group may take to disappear. */
const goneMs = 1000;
const streams = ['stdout', 'stderr'] as const;

/** A child process that leads a group of its own, from its start until nothing is left of it. */
export class PoolProcess {
  readonly pid: number | undefined;
  /** Shared with the process, where that is possible. */
  readonly pages: SharedPages | undefined = SharedPages.create();
  /**
   * Resolves when the process has ended, or never began, when its group is gone and when all that
   * it sent and wrote has been told. Never rejects.
   */
  readonly gone: Promise<Exit>;
  readonly #patience: Patience;
  readonly #listener: ProcessListener;
  readonly #child: ChildProcess;
  readonly #jobs: RecordWriter;
  readonly #answers: Socket | undefined;
  readonly #jobBytes: Socket | undefined;
  readonly #answerBytes: Socket | undefined;
  readonly #exited: Promise<Exit>;
  #drainMs: number;
  #hasExited = false;
  #isTrusted = true;
  #stopping: Promise<void> | undefined;
  #strays: readonly KnownProcess[] = [];

  /** @throws What the system has against a new process, in the few cases that are not told later. */
  constructor(program: WorkerProgram, patience: Patience, listener: ProcessListener) {
    this.#patience = patience;
    this.#drainMs = patience.drainMs;
    this.#listener = listener;
    try {
      this.#child = spawn(process.execPath, [...program.execArgv, program.entry], {
        cwd: program.workDir,
        env: program.keepsMemory ? keepingMemory(program.env) : program.env,
        detached: canLeadGroup,
        windowsHide: true,
        stdio: [
          'ignore',
          program.takesOutput ? 'pipe' : 'inherit',
          'pipe',
          'pipe',
          'pipe',
          'pipe',
          'pipe',
          this.pages?.fd ?? 'ignore',
        ],
      });
    } catch (error) {
      this.pages?.close();
      throw error;
    }
    this.pid = this.#child.pid;
    if (this.pid !== undefined) guardGroup(this.pid);
    this.#jobs = new RecordWriter(this.#socket(descriptors.jobs));
    this.#answers = this.#answerSocket();
    this.#jobBytes = this.#socket(descriptors.jobBytes);
    this.#answerBytes = this.#socket(descriptors.answerBytes);
    this.#listen(program);
    this.#exited = this.#exit(program);
    this.gone = this.#exited.then(async (how) => {
      await this.#clearAway();
      return how;
    });
    this.#child.unref();
  }

  /** Whether it has ended, never began or is being stopped. */
  get isLost(): boolean {
    return this.#hasExited || this.#stopping !== undefined;
  }

  /** Whether what comes from it is to be believed. */
  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** How long what it has still sent is waited for if it dies now; as for all unless given. */
  setDrain(drainMs: number | undefined): void {
    this.#drainMs = drainMs ?? this.#patience.drainMs;
  }

  /** Writes records. That a process has just died is told by its exit. */
  write(text: string): void {
    this.#jobs.write(text);
  }

  /** Writes bytes that belong to a job. */
  writeBytes(bytes: Buffer): void {
    this.#jobBytes?.write(bytes);
  }

  /** `signal` to the group, SIGKILL after the grace period; resolves when the group is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    // Whoever asks again may ask for more; the grace period is still that of the first time.
    if (this.#stopping !== undefined && !this.#hasExited) this.#signal(signal);
    this.#stopping ??= this.#endGently(signal);
    await this.#stopping;
    await this.gone;
  }

  /** The process is expected to end by itself; it is stopped if it has not after the grace period. */
  async expectEnd(): Promise<void> {
    await settledWithin(this.#exited, this.#patience.killGraceMs);
    if (!this.#hasExited) await this.stop();
    await this.gone;
  }

  /** SIGKILL to the group and to what has left it, at once and without waiting. */
  kill(): void {
    if (this.pid === undefined) return;
    if (!canLeadGroup) {
      killWindowsTree(this.pid);
      return;
    }
    if (!this.#hasExited) this.#strays = [...this.#strays, ...straysOf(this.pid)];
    signalGroup(this.#child, 'SIGKILL');
    signalAll(this.#strays, 'SIGKILL');
  }

  /** A job has written into the pipe itself: nothing that comes is to be believed any more. */
  distrust(): void {
    this.#isTrusted = false;
    this.#answers?.destroy();
    this.#answerBytes?.destroy();
    this.kill();
  }

  /** None if there were not enough descriptors to start a process at all. */
  get #pipes(): readonly (Socket | null | undefined)[] {
    return (this.#child.stdio as ChildProcess['stdio'] | undefined as never) ?? [];
  }

  /** All of them are held by the pool itself, if there is work. */
  #socket(fd: number): Socket | undefined {
    const socket = this.#pipes[fd];
    // What goes wrong here is told by the exit of the process.
    socket?.on('error', () => undefined);
    socket?.unref();
    return socket ?? undefined;
  }

  #answerSocket(): Socket | undefined {
    const given = this.#pipes[descriptors.answers];
    if (!given) return undefined;
    const reader = new RecordReader();
    const socket = readIntoOwnBuffer(given, (chunk) => {
      let records: unknown[];
      try {
        records = reader.take(chunk);
      } catch {
        this.distrust();
        return;
      }
      if (records.length > 0) this.#listener.records(records);
    });
    // What goes wrong here is told by the exit of the process.
    return socket.on('error', () => undefined).unref();
  }

  #listen({ takesOutput }: WorkerProgram): void {
    this.#answers?.once('close', () => void this.#endMute());
    this.#answerBytes?.on('data', (chunk: Buffer) => this.#listener.bytes(chunk));
    for (const stream of streams) {
      const pipe = this.#child[stream];
      (pipe as Socket | null)?.unref();
      pipe?.on('error', () => undefined);
      pipe?.on('data', (chunk: Buffer) => this.#listener.output(stream, chunk));
      if (takesOutput) pipe?.on('close', () => this.#listener.outputEnded(stream));
    }
  }

  /** What a job has cut off from its pool can never say that it has ended. */
  async #endMute(): Promise<void> {
    await settledWithin(this.#exited, this.#drainMs);
    if (!this.#hasExited) this.kill();
  }

  #exit(program: WorkerProgram): Promise<Exit> {
    return new Promise((resolve) => {
      const end = (exitCode: number | null, signal: string | null): void => {
        this.#hasExited = true;
        resolve({ exitCode, signal });
      };
      this.#child.once('exit', end);
      this.#child.on('error', (error) => {
        if (this.#child.pid !== undefined) return;
        this.#listener.output('stderr', Buffer.from(`${error.message} (in ${program.workDir})\n`));
        end(null, null);
      });
    });
  }

  async #endGently(signal: NodeJS.Signals): Promise<void> {
    if (this.pid === undefined || this.#hasExited) return;
    if (!canLeadGroup) {
      killWindowsTree(this.pid);
      return;
    }
    this.#strays = straysOf(this.pid);
    this.#signal(signal);
    // A stopped process does not see a signal before it goes on.
    this.#signal('SIGCONT');
    await this.#groupGone(this.#patience.killGraceMs);
    this.kill();
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group is gone already, which is what was wanted.
    }
    signalAll(this.#strays, signal);
  }

  /** Ends what is left of the group, and takes in the rest of what was sent and written. */
  async #clearAway(): Promise<void> {
    // The rest of a group that was asked to end has its grace period too.
    await this.#stopping;
    this.kill();
    if (this.#isLeft()) await this.#groupGone(goneMs);
    await this.#drained();
    if (this.pid !== undefined) releaseGroup(this.pid);
    for (const stream of streams) this.#listener.outputEnded(stream);
    for (const pipe of [...this.#pipes, this.#answers]) pipe?.destroy();
  }

  /** The process and its group are gone, or `limitMs` have passed. */
  async #groupGone(limitMs: number): Promise<void> {
    const limit = performance.now() + limitMs;
    // Nothing tells when a process that is not our child has ended, so there is no event to wait for.
    for (let ms = 1; this.#isLeft() && performance.now() < limit; ms = Math.min(2 * ms, 20)) {
      await pause(Math.min(ms, limitMs));
    }
  }

  #isLeft(): boolean {
    return !this.#hasExited || isGroupLeft(this.#child) || this.#strays.some(isThere);
  }

  /** The pipes have closed, or the time for that has passed: a grandchild may hold them open. */
  async #drained(): Promise<void> {
    const pipes = [this.#answers, this.#answerBytes];
    pipes.push(...streams.map((stream) => this.#child[stream] as Socket | undefined));
    const open = pipes.filter((pipe) => pipe?.closed === false);
    const closed = open.map((pipe) => new Promise((resolve) => pipe?.once('close', resolve)));
    if (open.length > 0) await settledWithin(Promise.all(closed), this.#drainMs);
  }
}
