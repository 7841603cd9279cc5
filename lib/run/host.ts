import { writeSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { constants } from 'node:os';
import process from 'node:process';
import { StringDecoder } from 'node:string_decoder';
import type { TakeOutput } from '../model/inside-task.ts';
import { TakenStream } from './taken-stream.ts';

/**
 * This process, made real in one place: clock, command line, standard output, signals, exit.
 * Whatever else needs one of these is given it from here.
 */
export const host = {
  /** Milliseconds since the process was started, of a monotonic clock. */
  now: (): number => process.uptime() * 1000,
  /** When this process was started, in milliseconds since 1970. */
  startedAt: (): number => performance.timeOrigin,
  /** Milliseconds since 1970. */
  epochMs: (): number => Date.now(),
  /** `HH:MM:SS`, as gulp-cli writes it. */
  timeOfDay(): string {
    const now = new Date();
    // `toLocaleTimeString` takes 30 times as long, for every line.
    return [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join(':');
  },
  /** Now, in local time, as `2026-01-31 23:59:59`. */
  dateText(): string {
    const now = new Date();
    const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits).join('-');
    return `${date} ${host.timeOfDay()}`;
  },
  /** Now, in UTC, as `20260131-235959-123`. */
  stamp: (): string => new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-'),
  workDir: (): string => process.cwd(),
  /** Where the process was started: gulp-cli changes into the gulpfile's folder afterwards. */
  startDir: (): string => (isGulp() ? process.env['INIT_CWD'] : undefined) ?? process.cwd(),
  argv: (): readonly string[] => process.argv,
  execArgv: (): readonly string[] => process.execArgv,
  env: (name: string): string | undefined => process.env[name],
  /** For this process and those that it starts from now on. */
  environment: (): Readonly<Record<string, string | undefined>> => process.env,
  setEnv(name: string, value: string): void {
    process.env[name] = value;
  },
  processId: (): number => process.pid,
  /** Whether gulp's command line is what runs here. */
  isGulp: (): boolean => isGulp(),
  /** Whether somebody can type what this process reads. */
  hasTerminal: (): boolean => process.stdin.isTTY,
  hasColor: (): boolean => hasColor(),
  /** Whether a person sits before standard output, who can be shown what changes. */
  isTerminal: (): boolean => isTerminal(),
  /** The size of the terminal in characters; that of an ordinary one if it has none. */
  room: (): { columns: number; rows: number } => ({
    columns: process.stdout.columns || 80,
    rows: process.stdout.rows || 24,
  }),
  /** Calls `run` when the size of the terminal has changed; the returned function stops that. */
  onResize(run: () => void): () => void {
    process.stdout.on('resize', run);
    return () => process.stdout.off('resize', run);
  },
  /** Calls `run` when the process goes on after it was stopped; the returned function stops that. */
  onContinue(run: () => void): () => void {
    process.on('SIGCONT', run);
    return () => process.off('SIGCONT', run);
  },
  /**
   * Calls `run` every `ms` milliseconds until the returned function is called. Does not keep the
   * process alive. After it was stopped for a while, the process hears of that before.
   */
  every(ms: number, run: () => void): () => void {
    let last = host.now();
    let delayed: NodeJS.Timeout | undefined;
    const timer = setInterval(() => {
      const isLate = host.now() - last > 2 * ms;
      last = host.now();
      // Timers come before signals, which another thread may take.
      if (!isLate) run();
      else
        delayed ??= setTimeout(() => {
          delayed = undefined;
          run();
        }, 3 * ms);
    }, ms).unref();
    return () => {
      clearInterval(timer);
      clearTimeout(delayed);
    };
  },
  /**
   * Gives `take` what is written to the terminal by means of `process.stdout` and `process.stderr`,
   * instead of writing it, until the returned function is called.
   */
  capture(take: (text: string) => void): () => void {
    const stops = streams
      .filter((name) => process[name].isTTY)
      .map((name) => {
        const decoder = new StringDecoder('utf8');
        const takeAll = (piece: string | Uint8Array): boolean => {
          take(typeof piece === 'string' ? piece : decoder.write(Buffer.from(piece)));
          return true;
        };
        return takenStream(name).offer(takeAll, false);
      });
    return () => {
      for (const stop of stops) stop();
    };
  },
  /**
   * Offers to `take`, before all others, what is written by means of `process.stdout` and
   * `process.stderr`, until the returned function is called.
   */
  onWrite(take: TakeOutput): () => void {
    const stops = streams.map((name) =>
      takenStream(name).offer((piece) => take(name, piece), true),
    );
    return () => {
      for (const stop of stops) stop();
    };
  },
  /** Writes all of `text` before it returns, so that nothing is lost when the process exits. */
  write: (text: string): void => write(text),
  /** Runs `run` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void {
    let timer: NodeJS.Timeout;
    // A timer of more than 24.8 days would fire at once, so a longer one is made of several.
    const wait = (left: number): void => {
      const step = Math.min(left, longestTimerMs);
      timer = setTimeout(() => (left > step ? wait(left - step) : run()), step);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
  /** Writes to standard error, whole, before it returns. */
  writeError: (text: string): void => write(text, process.stderr.fd),
  /**
   * Calls `run` when the process exits, whatever the reason; only synchronous work counts. The
   * returned function stops that, here and below.
   */
  onExit(run: () => void): () => void {
    process.on('exit', run);
    return () => process.off('exit', run);
  },
  /**
   * Calls `run` with an error that nobody has caught, which ends the process otherwise. Not called
   * if the program takes such errors itself.
   */
  onUncaught(run: (error: unknown) => void): void {
    process.on('uncaughtExceptionMonitor', (error) => {
      if (process.listenerCount('uncaughtException') === 0) run(error);
    });
  },
  /** Calls `run` whenever nothing is pending any more; it may start something new. */
  onIdle(run: () => void): () => void {
    process.on('beforeExit', run);
    return () => process.off('beforeExit', run);
  },
  /** Calls `run` for each of the signals that end a program; the returned function stops that. */
  onSignal(run: (signal: EndingSignal) => void): () => void {
    for (const signal of endingSignals) process.on(signal, run);
    return () => {
      for (const signal of endingSignals) process.off(signal, run);
    };
  },
  /**
   * Makes `code` the exit code even if gulp-cli exits with 1 itself.
   * Whoever registers last has the last word, gulp-cli's own exit listener included.
   */
  exitWith(code: number): void {
    process.on('exit', () => {
      process.exitCode = code;
    });
  },
  /** To be called while exiting: replaces the exit code. */
  replaceExitCode(code: number): void {
    process.exitCode = code;
  },
  /** The process ends with `code`, unless something else says more. */
  failAtExit(code = 1): void {
    process.exitCode ??= code;
  },
  exitNow(code: number): never {
    process.exit(code);
  },
  /** Ends the process without anybody being asked or told. */
  exitQuietly(code: number): never {
    process.removeAllListeners('exit');
    process.exit(code);
  },
  execPath: (): string => process.execPath,
  /** The exit code that a shell gives a process that was killed by a signal. */
  codeOfSignal: (signal: NodeJS.Signals | null): number =>
    128 + (signal === null ? 0 : constants.signals[signal]),
  /** Closes what listens for connections, so that another process can do so at the same port. */
  closeServers(): void {
    const { _getActiveHandles: handles } = process as unknown as {
      _getActiveHandles?: () => readonly object[];
    };
    for (const handle of handles?.call(process) ?? []) {
      if (!(handle instanceof Server)) continue;
      handle.close();
      if ('closeAllConnections' in handle) (handle as HttpServer).closeAllConnections();
    }
  },
  /** Whether whoever started this process listens to it. */
  hasParent: (): boolean => process.connected,
  /** Resolves when a message is on its way to whoever started this process. */
  tellParent(message: object): Promise<void> {
    return new Promise((resolve) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
      else resolve();
    });
  },
  /**
   * Calls `run` for each message of whoever started this process, and with `undefined` when that has
   * ended. It does not keep the process alive.
   */
  onParent(run: (message: unknown) => void): () => void {
    const end = (): void => run(undefined);
    process.on('message', run).on('disconnect', end);
    process.channel?.unref();
    return () => process.off('message', run).off('disconnect', end);
  },
  exitCode: (): number => Number(process.exitCode ?? 0),
};

/** A signal that asks the program to end. */
export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const endingSignals: readonly EndingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const streams = ['stdout', 'stderr'] as const;
const taken = new Map<string, TakenStream>();

function takenStream(name: (typeof streams)[number]): TakenStream {
  const known = taken.get(name) ?? new TakenStream(process[name]);
  taken.set(name, known);
  return known;
}

const longestTimerMs = 2 ** 31 - 1;

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}

function isGulp(): boolean {
  return /[\\/]gulp(?:\.js|\.cmd)?$/.test(process.argv[1] ?? '');
}

function isTerminal(): boolean {
  const { stdout, env } = process;
  const isCi = !['', '0', 'false', undefined].includes(env['CI']);
  return stdout.isTTY && !isCi && env['TERM'] !== 'dumb';
}

/** By what gulp is told, then by what the environment says, then by what the terminal can do. */
function hasColor(): boolean {
  const { argv, env, stdout } = process;
  if (isGulp() && argv.includes('--no-color')) return false;
  if (isGulp() && argv.includes('--color')) return true;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return stdout.isTTY && stdout.hasColors();
}

function write(text: string, fd: number = process.stdout.fd): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // A full pipe that does not block: its reader is slow, so wait a moment. Others: nobody reads.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
