import type { TaskOutcome } from '../model/failure.ts';
import type { NestedCall } from '../model/nested-call.ts';
import type { Written } from '../model/written.ts';

/** What crosses to a worker: a name and arguments, never a function. Must survive v8 serialisation. */
export interface TaskRequest {
  /** The full name, such as `styles::dev`. */
  readonly task: string;
  /** The name as defined, such as `styles::[env]`. */
  readonly definition: string;
  readonly rawArgs: Readonly<Record<string, string>>;
  /** What `params()` has set. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What the task's deps returned, by their full names. */
  readonly results: ReadonlyMap<string, unknown>;
  /** Deps that have come to another outcome since the task last succeeded. */
  readonly changedDeps: readonly string[];
  /** The files the declared inputs stand for, relative to the working directory. */
  readonly inputs: readonly string[];
  /** Digests of their content, in the same order, empty where there is no file; undefined if none are declared. */
  readonly inputDigests: readonly string[] | undefined;
  /** The paths and globs among the declared inputs, arguments filled in. */
  readonly inputPatterns: readonly string[];
  /** The declared outputs, arguments filled in. */
  readonly outputs: readonly string[];
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** What an attempt came to, and what nobody but its process can tell. */
export interface TaskReport {
  readonly outcome: TaskOutcome;
  /** Names of the params that the action has read; `*` for all. */
  readonly paramsRead: readonly string[];
  /** Paths of files that it has found out it reads, relative to the working directory. */
  readonly discovered: readonly string[];
  /** Absent if it has not used `ctx.dest()`. */
  readonly written?: Written;
}

/** How a worker gets at the user's definitions: the same files, loaded in the same way. */
export interface WorkerSetup {
  /** Where the parent was started; loaders in `execArgv` and `NODE_OPTIONS` resolve from there. */
  readonly startDir: string;
  /** The parent's working directory now: the folder of the gulpfile. */
  readonly workDir: string;
  /** Node's own flags for the child, as in `process.execArgv`. */
  readonly execArgv: readonly string[];
  /** `process.argv` of the parent from index 1 on, so that user code reads the same command line. */
  readonly argv: readonly string[];
  /** Files to import, in order: the gulpfile, or the files that define tasks. */
  readonly files: readonly string[];
  /**
   * `inherited`: flags and environment bring the loader along. `gulp-cli`: the loader was set up
   * inside the parent by gulp-cli (interpret, `--preload`, a `.gulp.*` file) and is set up alike.
   */
  readonly loader: 'inherited' | 'gulp-cli';
}

/** The terms on which a task runs. Clocks stand still while it waits for an answer to a pause. */
export interface TaskTerms {
  /**
   * Milliseconds from hand-over to a ready worker; a worker's start is not counted. Past it the
   * group gets SIGTERM, then SIGKILL after the grace period. `undefined`: no limit.
   */
  readonly limitMs: number | undefined;
  /** Milliseconds after which the task is told that it takes too long. `undefined`: no limit. */
  readonly softLimitMs: number | undefined;
  /** Whether it gets a worker of its own that ends with it. */
  readonly isolate: boolean;
  /** Aborted: the task is stopped as by a limit, and comes to `cancelled`. */
  readonly signal: AbortSignal;
}

/** The process that runs a task. */
export interface TaskProcess {
  readonly pid: number;
  /** The slot of the worker, from 0 on, which its replacements take over; absent if it is this process. */
  readonly worker?: number;
}

/** Whom a running task talks to. */
export interface TaskHooks {
  /** Gets its output as it comes. */
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  /** The task has begun in its process; may come again if that was lost before anything was done. */
  readonly onStarted?: (by: TaskProcess) => void;
  /** Answers what the task asks; rejects with what the task is to get as an error. */
  readonly onCall: (call: NestedCall) => Promise<unknown>;
}

/** What the executor needs of worker processes. */
export interface TaskPool {
  /**
   * Runs `request` in a free worker, starting one if all are busy. Never rejects: whatever the task
   * or its worker does wrong is part of the outcome. All output has been handed to `onOutput`
   * before it settles, and after a failure by time or a lost worker the whole process group is gone.
   */
  run(request: TaskRequest, terms: TaskTerms, hooks: TaskHooks): Promise<TaskReport>;
  /** SIGTERM to the groups of all workers, SIGKILL after the grace period; their tasks are `cancelled`. */
  cancel(): Promise<void>;
  /** SIGKILL to every group at once; synchronous, for use while the process exits. */
  kill(): void;
}
