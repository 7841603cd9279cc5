import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { logName } from './log-name.ts';

/** Where logs go. */
export interface LogFilesOptions {
  /** The folder of the build; logs are below `.parproc/logs` in it. */
  readonly workDir: string;
  /** Now, as `20260131-235959-123`: the order of such names is that of the times. */
  readonly stamp: () => string;
  /** Told once, if logs cannot be written: the build goes on without. */
  readonly onTrouble: (why: string) => void;
}

/** How many runs have their logs kept. */
const keptRuns = 10;
const runFolder = /^\d{8}-\d{6}-\d{3}(?:-\d+)?$/;

/** A log file up to now. */
export interface LogFile {
  /** Absolute. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

interface OpenLog {
  readonly path: string;
  readonly descriptor: number;
  size: number;
}

/**
 * The log files of the tasks: `.parproc/logs/<time of the run>/<task>.log`, with a link to the newest
 * of each task in `.parproc/logs/last`. A run that writes nothing leaves no folder; the logs of the
 * last ten are kept. Whatever is handed over is with the system when the call returns.
 */
export class LogFiles {
  readonly #options: LogFilesOptions;
  readonly #root: string;
  readonly #last: string;
  readonly #folders = new Map<number, string>();
  /** By run, the tasks that have ended in it and have a log there. */
  readonly #written = new Map<number, Set<string>>();
  readonly #open = new Map<string, OpenLog>();
  #names: Set<string> | undefined;
  #isOff = false;

  constructor(options: LogFilesOptions) {
    this.#options = options;
    this.#root = join(options.workDir, '.parproc', 'logs');
    this.#last = join(this.#root, 'last');
  }

  /** A task starts: the log of a run is that of the last time that it was executed in it. Never throws. */
  begin(run: number, task: string): void {
    if (this.#written.get(run)?.delete(task) === true) this.drop(run, task);
  }

  /** Removes what a task has written in a run. Never throws. */
  drop(run: number, task: string): void {
    const folder = this.#folders.get(run);
    if (folder === undefined) return;
    this.#try(() => {
      const log = this.#open.get(keyOf(run, task));
      this.#open.delete(keyOf(run, task));
      if (log !== undefined) closeSync(log.descriptor);
      rmSync(join(folder, logName(task)), { force: true });
    });
  }

  /** Adds to the log of a task. Never throws. */
  append(run: number, task: string, text: string): void {
    this.#try(() => {
      const bytes = Buffer.from(text);
      const log = this.#logOf(run, task);
      for (let at = 0; at < bytes.length; ) at += writeSync(log.descriptor, bytes, at);
      log.size += bytes.length;
    });
  }

  /** The log of a task that runs, if it has one. */
  fileOf(run: number, task: string): LogFile | undefined {
    const log = this.#open.get(keyOf(run, task));
    return log === undefined ? undefined : { path: log.path, size: log.size };
  }

  /** The absolute path of what a task wrote when it was last executed; perhaps there is no such file. */
  lastPathOf(task: string): string {
    return join(this.#last, logName(task));
  }

  /** A task has ended: its log, or that it has none, takes the place of the one before. Never throws. */
  end(run: number, task: string): void {
    const key = keyOf(run, task);
    const log = this.#open.get(key);
    this.#open.delete(key);
    this.#try(() => {
      const names = this.#lastNames();
      if (log !== undefined) {
        closeSync(log.descriptor);
        const written = this.#written.get(run) ?? new Set();
        this.#written.set(run, written.add(task));
        replaceByLink(log.path, this.lastPathOf(task));
        names.add(logName(task));
      } else if (names.size > 0 && names.delete(logName(task))) {
        rmSync(this.lastPathOf(task), { force: true });
      }
    });
  }

  /** Adds to the log of a task that has ended, which is a service. Never throws. */
  goOn(task: string, text: string): void {
    this.#try(() => {
      this.#lastNames().add(logName(task));
      appendFileSync(this.lastPathOf(task), text, { mode: 0o600 });
    });
  }

  /** Nothing of a run is written any more. Never throws. */
  endRun(run: number): void {
    this.#folders.delete(run);
    this.#written.delete(run);
    for (const [key, { descriptor }] of this.#open) {
      if (!key.startsWith(`${run} `)) continue;
      this.#open.delete(key);
      this.#try(() => closeSync(descriptor));
    }
  }

  /** What stood in `last` at first: to look for each file would take longer than many a task. */
  #lastNames(): Set<string> {
    if (this.#names === undefined) {
      this.#names = new Set(existsSync(this.#last) ? readdirSync(this.#last) : []);
    }
    return this.#names;
  }

  #logOf(run: number, task: string): OpenLog {
    const key = keyOf(run, task);
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const folder = this.#folderOf(run);
    // Ten builds that began later may have taken it away.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, logName(task));
    const log = { path, descriptor: openSync(path, 'a', 0o600), size: 0 };
    this.#open.set(key, log);
    return log;
  }

  #folderOf(run: number): string {
    const known = this.#folders.get(run);
    if (known !== undefined) return known;
    makeOwnFolder(join(this.#options.workDir, '.parproc'));
    makeOwnFolder(this.#root);
    makeOwnFolder(this.#last);
    const folder = makeRunFolder(join(this.#root, this.#options.stamp()));
    this.#folders.set(run, folder);
    this.#forgetOldRuns();
    return folder;
  }

  #forgetOldRuns(): void {
    const runs = readdirSync(this.#root).filter((name) => runFolder.test(name));
    for (const name of runs.sort().slice(0, -keptRuns)) {
      rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }

  #try(act: () => void): void {
    if (this.#isOff) return;
    try {
      act();
    } catch (error) {
      this.#isOff = true;
      this.#open.clear();
      this.#options.onTrouble(error instanceof Error ? error.message : String(error));
    }
  }
}

function keyOf(run: number, task: string): string {
  return `${run} ${task}`;
}

/** A link could lead out of the project, to where somebody else reads or writes. */
function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is no folder but a link`);
}

/** Two builds may begin in the same millisecond. */
function makeRunFolder(wanted: string): string {
  for (let count = 1; ; count++) {
    const folder = count === 1 ? wanted : `${wanted}-${count}`;
    try {
      mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function replaceByLink(path: string, last: string): void {
  const fresh = `${last}.new`;
  rmSync(fresh, { force: true });
  try {
    linkSync(path, fresh);
  } catch {
    // Not every file system has links.
    copyFileSync(path, fresh);
  }
  renameSync(fresh, last);
}
