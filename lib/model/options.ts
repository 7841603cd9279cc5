import { inspect } from 'node:util';
import type { CodeScope } from './definition.ts';
import { type Duration, millisecondsOf, quietMsOf } from './duration.ts';
import { UsageError } from './errors.ts';

/** What is used of a Keyv instance: structural, so that any version fits. */
export interface KeyvLike {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  on?(event: 'error', listener: (error: unknown) => void): unknown;
  off?(event: 'error', listener: (error: unknown) => void): unknown;
}

/** What `parproc(options)`, `configure(options)` and the environment can set. */
export interface Options {
  /** How many tasks run at the same time at most. Default: the number of available cores. */
  readonly parallel?: number;
  /** `single`: every task in this process, as with `.inProcess()`. Default: `pool` (parproc: `mode`). */
  readonly mode?: 'pool' | 'single';
  /**
   * The cache: a file, relative to the folder of the gulpfile; a Keyv instance (`new Keyv()` lasts as
   * long as the process), which is never disconnected, and with which builds are not kept apart; or
   * `false` for none. Default: `.parproc/cache.sqlite`.
   */
  readonly cache?: string | KeyvLike | false;
  /**
   * Whether outputs are kept by their content, so that going back to a state that was built before puts
   * them back instead of running tasks: tasks with `.outputs()` and without a `maxAge`. They are beside
   * the cache, in `objects`; those that were used longest ago go first when there are more than
   * `maxBytes`. Default: false; with `true` 1,000,000,000 bytes.
   */
  readonly restore?: boolean | { readonly maxBytes: number };
  /** Between the segments of a name. Default: `::`. Has to be set before the first task. */
  readonly separator?: string;
  /**
   * Whether a dep that nothing stands for makes its dependants fail, instead of being an error
   * before anything runs. Default: false (parproc: true).
   */
  readonly allowMissingDeps?: boolean;
  /**
   * What a failure does to the rest of its run. `continue`: what does not need it goes on.
   * `no-new`: nothing is started any more. `kill`: what runs is stopped too. Default: `continue`.
   */
  readonly failureMode?: FailureMode;
  /** Whether a failure shows all that the task wrote, not excerpts. Default: false. */
  readonly fullLogOnFailure?: boolean;
  /**
   * Whether a terminal shows what runs as it changes; elsewhere there are lines in any case.
   * Default: true (parproc: `dynamic`).
   */
  readonly dynamic?: boolean;
  /**
   * Paths and globs of files that count for every task. Default: the nearest package lock file, in
   * the folder of the gulpfile or above.
   */
  readonly globalInputs?: readonly string[];
  /** Paths and globs of files that are no input of any task (parproc: `global_inputs_ignore`). Default: none. */
  readonly globalIgnore?: readonly string[];
  /** What of the code counts for tasks that do not say it with `.code()`. Default: `'module'`. */
  readonly code?: CodeScope;
  /**
   * Whether files that inputs import count as inputs, for tasks that do not say it with
   * `.trackImports()`. Default: false (parproc: `track_python_imports`).
   */
  readonly trackImports?: boolean;
  /**
   * Folders, relative to that of the gulpfile. Only what lies in them is followed, and what is not
   * beside its importer is looked for there. Default: the folder of the gulpfile (parproc:
   * `track_python_imports_roots`).
   */
  readonly importRoots?: readonly string[];
  /**
   * What finds the imports of files with an extension that is not known, or in another way: by
   * extension, such as `.liquid`, a function that is given text and path and returns what is named.
   */
  readonly importFinders?: Readonly<Record<string, ImportFinder>>;
  /** How many tasks may hold a lock at the same time, by its name. Default: 1. */
  readonly locks?: Readonly<Record<string, number>>;
  /** How many tasks may wait for others from inside at the same time. Default: 4 times `parallel`. */
  readonly maxParked?: number;
  /** Time limit of each task that sets none itself. Default: none. */
  readonly timeout?: Duration;
  /** Soft time limit of each task that sets none itself. Default: none. */
  readonly softTimeout?: Duration;
  /** How long a task that is being stopped has between SIGTERM and SIGKILL. Default: 2 seconds. */
  readonly killGrace?: Duration;
  /**
   * How long it must be quiet before changes of watched files lead to a run; 0 for at once. Default:
   * 300 milliseconds (parproc: `watch_debounce`).
   */
  readonly watchDebounce?: Duration;
  /**
   * While watching: whether a task is stopped when its inputs change, instead of being left to end
   * before it runs again. Default: false.
   */
  readonly interrupt?: boolean;
  /** Whether parproc reads flags of its own from the command line. Default: true. */
  readonly flags?: boolean;
  /** For a debugger: one task at a time, in this process (parproc: `debug`). Default: false. */
  readonly debug?: boolean;
}

/** See `Options.failureMode`. */
export type FailureMode = (typeof failureModes)[number];

/** Finds what a file names: paths as they stand in `text`. `path` is absolute. */
export type ImportFinder = (text: string, path: string) => readonly string[];

/** Options with every default in place. */
export interface Settings {
  readonly parallel: number;
  readonly mode: 'pool' | 'single';
  readonly cache: string | KeyvLike | false;
  /** Undefined: nothing is kept to be restored. */
  readonly restoreBytes: number | undefined;
  readonly separator: string;
  readonly allowMissingDeps: boolean;
  readonly failureMode: FailureMode;
  readonly fullLogOnFailure: boolean;
  readonly dynamic: boolean;
  /** Undefined: the nearest package lock file. */
  readonly globalInputs: readonly string[] | undefined;
  readonly globalIgnore: readonly string[];
  readonly code: CodeScope;
  readonly imports: {
    readonly isOn: boolean;
    readonly roots: readonly string[];
    readonly finders: Readonly<Record<string, ImportFinder>>;
  };
  readonly locks: Readonly<Record<string, number>>;
  readonly maxParked: number;
  readonly timeoutMs: number | undefined;
  readonly softTimeoutMs: number | undefined;
  readonly killGraceMs: number;
  readonly watchDebounceMs: number;
  readonly interrupt: boolean;
  readonly flags: boolean;
}

const failureModes = ['continue', 'no-new', 'kill'] as const;
const modes = ['pool', 'single'] as const;
/** One list, so that settings which are worked out anew have the same. */
const noPaths: readonly string[] = Object.freeze([]);
const codeScopes = ['module', 'function'] as const;
const known = new Set(
  `parallel mode cache restore globalInputs globalIgnore code trackImports importRoots importFinders separator allowMissingDeps failureMode locks maxParked timeout softTimeout
   killGrace fullLogOnFailure dynamic watchDebounce interrupt flags debug`.split(/\s+/),
);

/**
 * The settings that `options` come to.
 *
 * @param cores What `parallel` defaults to.
 * @throws UsageError `invalid-option` for an unknown option or a value of the wrong kind.
 */
export function settingsOf(options: Options, cores: number): Settings {
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown !== undefined) reject(`there is no option '${unknown}'`, [...known].join(', '));
  const {
    debug = false,
    cache = '.parproc/cache.sqlite',
    separator = '::',
    flags = true,
  } = options;
  const { allowMissingDeps = false, locks = {}, timeout, softTimeout, killGrace = 2000 } = options;
  requireSwitch('debug', debug);
  const { fullLogOnFailure = false, dynamic = true } = options;
  requireSwitch('fullLogOnFailure', fullLogOnFailure);
  requireSwitch('dynamic', dynamic);
  requireSwitch('flags', flags);
  const { watchDebounce = 300, interrupt = false } = options;
  requireSwitch('interrupt', interrupt);
  requireSwitch('allowMissingDeps', allowMissingDeps);
  if (cache !== false && !isFileName(cache) && !isKeyv(cache)) {
    reject(`cache is ${inspect(cache, { depth: 0 })}`, 'a file name, a Keyv instance or false');
  }
  if (typeof separator !== 'string' || !/^[^\w\s[\]*?.-]+$/.test(separator)) {
    reject(`separator is ${JSON.stringify(separator)}`, "characters such as '::', '|' or '/'");
  }
  for (const [name, capacity] of Object.entries(locks)) requireCount(`locks.${name}`, capacity, 1);
  const parallel = debug ? 1 : requireCount('parallel', options.parallel ?? cores, 1);
  return {
    parallel,
    mode: debug ? 'single' : requireWord('mode', options.mode ?? 'pool', modes),
    cache,
    restoreBytes: restoreBytesOf(options.restore ?? false),
    globalInputs: options.globalInputs && requirePaths('globalInputs', options.globalInputs),
    globalIgnore: requirePaths('globalIgnore', options.globalIgnore ?? noPaths),
    code: requireWord('code', options.code ?? 'module', codeScopes),
    imports: importsOf(options),
    separator,
    allowMissingDeps,
    failureMode: requireWord('failureMode', options.failureMode ?? 'continue', failureModes),
    fullLogOnFailure,
    dynamic,
    locks,
    maxParked: requireCount('maxParked', options.maxParked ?? 4 * parallel, 0),
    timeoutMs: timeout === undefined ? undefined : millisecondsOf(timeout, 'The option timeout'),
    softTimeoutMs:
      softTimeout === undefined ? undefined : millisecondsOf(softTimeout, 'The option softTimeout'),
    killGraceMs: millisecondsOf(killGrace, 'The option killGrace'),
    watchDebounceMs: quietMsOf(watchDebounce, 'The option watchDebounce'),
    interrupt,
    flags,
  };
}

function importsOf(options: Options): Settings['imports'] {
  const { trackImports = false, importRoots = ['.'], importFinders = {} } = options;
  requireSwitch('trackImports', trackImports);
  for (const [extension, find] of Object.entries(importFinders)) {
    if (extension.startsWith('.') && typeof find === 'function') continue;
    reject(`importFinders has ${JSON.stringify(extension)}`, 'extensions with functions: .liquid');
  }
  return {
    isOn: trackImports,
    roots: requirePaths('importRoots', importRoots),
    finders: importFinders,
  };
}

function isFileName(cache: unknown): boolean {
  return typeof cache === 'string' && cache !== '';
}

function isKeyv(cache: unknown): boolean {
  if (typeof cache !== 'object' || cache === null) return false;
  return ['get', 'set', 'delete'].every((name) => typeof Reflect.get(cache, name) === 'function');
}

const defaultRestoreBytes = 1_000_000_000;

function restoreBytesOf(restore: boolean | { readonly maxBytes: number }): number | undefined {
  if (typeof restore === 'boolean') return restore ? defaultRestoreBytes : undefined;
  const names = typeof restore === 'object' && restore !== null ? Object.keys(restore) : [];
  if (names.length === 1 && names[0] === 'maxBytes') {
    return requireCount('restore.maxBytes', restore.maxBytes, 1);
  }
  return reject(`restore is ${inspect(restore)}`, 'true, false or { maxBytes: 500_000_000 }');
}

function requireSwitch(name: string, value: unknown): void {
  if (typeof value !== 'boolean') reject(`${name} is ${JSON.stringify(value)}`, 'true or false');
}

function requirePaths(name: string, value: readonly string[]): readonly string[] {
  const isRight = Array.isArray(value) && value.every((path) => typeof path === 'string' && path);
  if (isRight) return value;
  return reject(`${name} is ${JSON.stringify(value)}`, 'an array of paths and globs');
}

function requireCount(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  return reject(`${name} is ${JSON.stringify(value)}`, `a whole number from ${least} on`);
}

function requireWord<W extends string>(name: string, value: W, words: readonly W[]): W {
  if (words.includes(value)) return value;
  return reject(`${name} is ${JSON.stringify(value)}`, words.map((word) => `'${word}'`).join(', '));
}

function reject(what: string, allowed: string): never {
  throw new UsageError([
    { code: 'invalid-option', text: `In the options, ${what}.`, hint: `Allowed: ${allowed}.` },
  ]);
}
