import type { CreateOptions } from './create-options.ts';
import type { ArgValues, Params } from './definition.ts';

declare const resultType: unique symbol;

/** Names one task, and remembers in its type what that task returns. Made by `handle.of()`. */
export interface Ref<out Result = unknown> {
  readonly kind: 'ref';
  /** The full name, such as `styles::dev`. */
  readonly name: string;
  readonly [resultType]?: Result;
}

/** What can be asked for: a name or glob, a reference, a plain task, or lists of these. */
export type Wantable =
  | string
  | { readonly kind: 'ref' | 'task'; readonly name: string }
  | readonly Wantable[];

/** What tasks returned, by their full names. */
export type Results = Readonly<Record<string, unknown>>;

/** Options of `ctx.exec()`, beside execa's defaults. */
export interface ExecOptions {
  /** Relative to the working directory of the build. Default: that directory. */
  readonly cwd?: string;
  /** Added to the environment of the task. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads from its standard input. Default: nothing. */
  readonly input?: string;
}

/** Options of `ctx.src()`: those of vinyl-fs. */
export interface SrcOptions {
  /** Of text. Default: false, contents are what is on the disk (gulp: `utf8`, which harms images). */
  readonly encoding?: string | false;
  /** Default: what stands before the magic of the glob, as with `gulp.src`. */
  readonly base?: string;
  readonly sourcemaps?: boolean;
  readonly [option: string]: unknown;
}

/** Where `ctx.dest()` writes: a folder, or what gives one for a file. */
export type DestFolder = string | ((file: never) => string);

/** Options of `ctx.dest()`: those of vinyl-fs, and `prune`. */
export interface DestOptions {
  /**
   * Whether files go that the task wrote below this folder before, successfully or not, and does not
   * write any more, unless somebody has changed them since. Default: false.
   */
  readonly prune?: boolean;
  readonly sourcemaps?: boolean | string;
  readonly [option: string]: unknown;
}

/** How a program that `ctx.exec()` ran has ended. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** What an action is given first: all that it may know of the run around it. */
export interface TaskContext<out Args = ArgValues> {
  /** The full name of the task, such as `styles::dev`. */
  readonly name: string;
  /** The values of the placeholders, cast to what `.args()` says. */
  readonly args: Args;
  /** What `params()` has set. The task runs again when one that it has read here has changed. */
  readonly params: Params;
  /**
   * What the deps of the task returned, by their full names, and what it has waited for itself
   * (parproc: `context.results`, which holds the results of all tasks).
   */
  readonly results: Results;
  /** What one of these returned, typed. Throws if `ref` is not among them. */
  result<Result>(ref: Ref<Result>): Result;
  /** Whether a dep has come to another outcome since this task last succeeded. */
  readonly depsChanged: boolean;
  /** The deps of which that is so; those that were skipped are not among them. */
  readonly changedDeps: readonly string[];
  /**
   * SHA-256 of the content of each of `inputs` as it was before the task started, by path; files
   * that are not there are left out. Undefined if the task declares no inputs (parproc:
   * `input_fingerprint`).
   */
  readonly inputFingerprint: Readonly<Record<string, string>> | undefined;
  /** The files that the declared inputs stand for, sorted, relative to the working directory. */
  readonly inputs: readonly string[];
  /** The declared outputs with their arguments filled in. */
  readonly outputs: readonly string[];
  /** 1 for the first attempt; `.retries()` allows more. */
  readonly attempt: number;
  /** Aborted when the soft time limit has passed (its reason says so) or the build is cancelled. */
  readonly signal: AbortSignal;
  /**
   * Ends the task as `skipped`: it had nothing to do (parproc: `ProcSkippedError`). Dependants go
   * on, and for them it has not changed if its outputs are what they were.
   */
  skip(reason?: string): never;
  /**
   * Tells of files that the task has found out it reads, such as sass's `loadedUrls` or the inputs in
   * an esbuild metafile. From the next run on they count as its inputs do, those too that are not
   * there yet; a folder is every file below it. Each success replaces what the one before has told.
   *
   * @param paths Paths, taken from the current folder, or `file:` URLs.
   * @throws TypeError for another kind of URL, and in a service, which declares what it reads
   */
  discover(...paths: readonly (string | URL)[]): void;
  /**
   * The inputs as a stream of vinyl files, as `gulp.src` would give them (gulp: `src`).
   *
   * @throws Error if the task declares none
   */
  src(options?: SrcOptions): NodeJS.ReadableStream;
  /**
   * Writes vinyl files, as `gulp.dest` does (gulp: `dest`). What it writes are outputs of the task,
   * source maps too: it is up to date only if they are what it has made.
   *
   * @param folder Relative to the working directory of the build.
   * @throws TypeError for `prune` with a function
   */
  dest(folder: DestFolder, options?: DestOptions): NodeJS.ReadWriteStream;
  /** Ends the task: what it made is what was there before (parproc: `ProcNoChangeError`). */
  noChange(): never;
  /** Ends the task as failed, with a message and without a stack (parproc: `ProcFailedError`). */
  fail(message: string): never;
  /**
   * Makes tasks of a proto known, as `create()` does, and starts nothing.
   *
   * @returns Their full names: several for a glob.
   * @throws DefinitionError (by rejecting) what `create()` throws
   */
  create(name: string | Ref, options?: CreateOptions): Promise<readonly string[]>;
  /**
   * Has tasks done in the same run and does not wait for them; the run does.
   *
   * @returns The full names.
   * @throws DefinitionError (by rejecting) with every problem of the request
   */
  start(...names: readonly Wantable[]): Promise<readonly string[]>;
  /**
   * Has tasks done and waits for them, as `start` and `wait` together.
   *
   * @returns What they returned, by full name; it is in `ctx.results` too.
   * @throws RunFailed (by rejecting) as soon as one of them has failed
   * @throws DefinitionError (by rejecting) with every problem of the request, or `wait-deadlock`
   */
  run(...names: readonly Wantable[]): Promise<Results>;
  /**
   * Waits for tasks, and starts those that nobody has started. While it waits the task keeps its
   * process and its locks, but neither a slot nor a running clock.
   *
   * @returns and throws as `run` does
   */
  wait(...names: readonly Wantable[]): Promise<Results>;
  /**
   * Asks the person at the terminal for a line (parproc: `get_input`); one question at a time.
   *
   * @throws Error (by rejecting) if standard input has ended
   */
  input(message: string, options?: { readonly password?: boolean }): Promise<string>;
  /**
   * Runs a program, whose output is the task's; it ends with the task.
   *
   * @throws Error (by rejecting) if it cannot be started or does not end with 0; what it wrote is in
   *   `stdout` and `stderr` of the error, and not in its message
   */
  exec(file: string, args?: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}
