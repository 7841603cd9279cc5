import { inspect } from 'node:util';
import { isWorkerProcess, mergeOptions, mergeParams, neverSettles } from '../dsl/program.ts';
import type { Ref, Results, Wantable } from '../model/context.ts';
import { asOf, type CreateOptions } from '../model/create-options.ts';
import type { Params } from '../model/definition.ts';
import { type Duration, millisecondsOf } from '../model/duration.ts';
import { disownUserError, type Problem, UsageError } from '../model/errors.ts';
import { taskAround } from '../model/inside-task.ts';
import type { Options } from '../model/options.ts';
import { RunFailed, type RunResult, type StateName } from '../model/run-result.ts';
import { hasEnded, hasSucceeded } from '../model/state.ts';
import { namesOf } from '../model/wanted-names.ts';
import { host } from '../run/host.ts';
import { currentBuild } from './build.ts';
import { RunPromise } from './run-promise.ts';

/** How `run()` runs. */
export interface RunOptions {
  /** Execute everything, up to date or not (parproc: `full`). Default: as `--full` says. */
  readonly full?: boolean;
}

/** How `wait()` waits. */
export interface WaitOptions {
  /** How long at most. Default: for ever. */
  readonly timeout?: Duration;
}

/** How `waitForAll()` ends. */
export interface WaitForAllOptions {
  /** Whether a failure rejects. Default: true (parproc: `exception_on_failure`). */
  readonly throwOnFailure?: boolean;
}

/** How `watch()` ends. */
export interface WatchOptions {
  /** Ends it when aborted: what runs then is left to end. Default: Ctrl-C alone does. */
  readonly signal?: AbortSignal;
}

/** What all requests of a script hang from: nothing is in progress around them. */
const root = { isInProgress: () => false };

/**
 * Changes the options that `options` names; the others stay (parproc: `set_options`).
 *
 * @throws UsageError `invalid-option`
 */
export function configure(options: Options): void {
  mergeOptions(options);
}

/**
 * Sets values that every task finds in `ctx.params`; those that are not named stay (parproc:
 * `set_params`).
 *
 * @throws UsageError `invalid-option`
 */
export function params(values: Params): void {
  mergeParams(values);
}

/**
 * Makes tasks of a proto known without starting them (parproc: `create`).
 *
 * @param name A filled name, a glob, or a reference such as `build.of({ env: 'dev' })`.
 * @param options `as`: another name for the one task.
 * @returns Their full names: always an array.
 * @throws DefinitionError with every problem
 * @throws UsageError `invalid-option`, `invalid-name`
 */
export function create(name: string | Ref, options: CreateOptions = {}): readonly string[] {
  const [wanted = ''] = namesOf([name]);
  return currentBuild().create(wanted, asOf(options));
}

/**
 * Has tasks done and does not wait for them (parproc: `start`).
 *
 * @returns Resolves with their full names once they have been taken in.
 * @throws DefinitionError (by rejecting) with every problem of the request
 */
export function start(...names: readonly Wantable[]): Promise<readonly string[]> {
  if (taskAround() !== undefined) return refusedInside('start');
  if (isWorkerProcess()) return neverSettles();
  return RunPromise.of(
    new Promise((resolve, reject) => {
      const taken = (_run: number, full: readonly string[]): void => resolve(full);
      request(namesOf(names), 'named', {}, taken).catch((error: unknown) => {
        // A failure of the tasks is for whoever waits for them; if nobody does, for the exit code.
        if (error instanceof RunFailed) note(error.tasks);
        reject(error);
      });
    }),
  );
}

/**
 * Has tasks done and waits for them (parproc: `run`, which does not wait).
 *
 * @param names Names, globs, references, plain tasks, and last `{ full }`.
 * @throws RunFailed (by rejecting) if one of them has not succeeded, when all has ended
 * @throws DefinitionError (by rejecting) with every problem of the request
 */
export function run(...names: readonly (Wantable | RunOptions)[]): Promise<RunResult> {
  if (taskAround() !== undefined) return refusedInside('run');
  if (isWorkerProcess()) return neverSettles();
  return RunPromise.of(runAll(names));
}

/**
 * Waits until tasks have ended, and starts those that nobody has started (parproc: `wait`, which
 * waits for ever then).
 *
 * @param names Names, globs, references, plain tasks, lists of these, and last `{ timeout }`.
 * @returns What they returned, by full name.
 * @throws RunFailed (by rejecting) if one of them has not succeeded
 * @throws DefinitionError (by rejecting) `unknown-task`, or with any other problem of the request
 * @throws Error (by rejecting) with the name `TimeoutError` and the code `wait-timeout`
 */
export function wait(...names: readonly (Wantable | WaitOptions)[]): Promise<Results> {
  if (taskAround() !== undefined) return refusedInside('wait');
  if (isWorkerProcess()) return neverSettles();
  return RunPromise.of(waitForNames(names));
}

/**
 * Waits until nothing is asked for and nothing runs; starts the tasks with `.now()` that no run has
 * started yet (parproc: `wait_for_all`).
 *
 * @returns Whether everything since the last `clear()` has succeeded.
 * @throws RunFailed (by rejecting) if not, unless `throwOnFailure` is false
 */
export function waitForAll(options: WaitForAllOptions = {}): Promise<boolean> {
  if (taskAround() !== undefined) return refusedInside('waitForAll');
  if (isWorkerProcess()) return neverSettles();
  return RunPromise.of(untilIdle(options.throwOnFailure ?? true));
}

/**
 * Keeps tasks up to date: has them done, and again whenever a file changes that they or their deps
 * read (parproc: `watch`). Failures are reported, and watching goes on.
 *
 * @param names Names, globs, references, plain tasks, and last `{ signal }`.
 * @returns Resolves when the process is told to end (Ctrl-C) or `signal` is aborted, once nothing of
 *   it runs any more.
 * @throws DefinitionError (by rejecting, before anything starts) with every problem of the request
 */
export function watch(...names: readonly (Wantable | WatchOptions)[]): Promise<void> {
  if (taskAround() !== undefined) return refusedInside('watch');
  if (isWorkerProcess()) return neverSettles();
  return RunPromise.of(watchAll(names));
}

/**
 * What tasks have returned since the last `clear()`, by full name; undefined for those that failed
 * (parproc: `results`).
 */
export function results(): Results {
  const found = Object.create(null) as Record<string, unknown>;
  for (const [name, { state, value }] of currentBuild().standings()) {
    if (state.kind === 'failed' || (hasEnded(state) && hasSucceeded(state))) found[name] = value;
  }
  return found;
}

/** Where every task stands whose full name is known: plain tasks, and created or wanted ones. */
export function states(): ReadonlyMap<string, StateName> {
  return currentBuild().states();
}

/**
 * Forgets tasks, params, results and states, for a new beginning; options and the cache stay
 * (parproc: `clear`).
 *
 * @throws UsageError `definition-sealed` while tasks run
 */
export function clear(): void {
  if (!isWorkerProcess()) currentBuild().clear();
}

/**
 * A function for `gulp.task`, exports and `gulp.series` that removes what tasks make: the outputs of
 * those that are named and of all that they need, declared or written by `ctx.dest()`, and folders that
 * are empty then. What a task has written earlier goes as well unless somebody has changed it since,
 * its own inputs never. Which these are is looked up when it runs. Other files in an output folder go with it.
 *
 *     export const clean = cleaner('site::*');
 *
 * The promise of the function rejects with DefinitionError for names that nothing stands for, and with
 * Error for an output that is not below the folder of the gulpfile; nothing is removed then.
 *
 * @param names Names, globs, references, plain tasks.
 * @throws UsageError `invalid-name` for what is no name, or without any
 */
export function cleaner(...names: readonly Wantable[]): () => Promise<void> {
  const wanted = namesOf(names);
  if (wanted.length === 0) {
    const text = 'cleaner() is given no names.';
    const hint = "Name the tasks whose outputs it removes: cleaner('site::*').";
    throw new UsageError([{ code: 'invalid-name', text, hint }]);
  }
  return async function clean() {
    if (!isWorkerProcess()) await currentBuild().clean(wanted);
  };
}

/** A task that waited here would keep the slot that the others may need. */
function refusedInside(call: string): Promise<never> {
  const problem: Problem = {
    code: 'not-in-task',
    text: `'${taskAround()?.name ?? ''}' called ${call}(), which is for the build file.`,
    hint: 'Inside of a task ctx does the same: ctx.run(), ctx.start(), ctx.wait().',
  };
  const error = new UsageError([problem]);
  // It fails the task, in a worker as in this process.
  disownUserError(error);
  return Promise.reject(error);
}

// Async, so that wrong names and options reject as everything else that is wrong does.
async function runAll(names: readonly (Wantable | RunOptions)[]): Promise<RunResult> {
  const [wanted, options] = withOptions<RunOptions>(names, ['full']);
  if (options.full !== undefined && typeof options.full !== 'boolean') {
    refuseOption(`'full' is ${inspect(options.full)}`, 'true or false');
  }
  return request(wanted, 'all', options);
}

async function watchAll(names: readonly (Wantable | WatchOptions)[]): Promise<void> {
  const [wanted, { signal }] = withOptions<WatchOptions>(names, ['signal']);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    refuseOption(`'signal' is ${inspect(signal)}`, 'the signal of an AbortController');
  }
  return currentBuild().watch({ names: wanted, ...(signal !== undefined && { signal }) });
}

async function waitForNames(names: readonly (Wantable | WaitOptions)[]): Promise<Results> {
  const [wanted, { timeout }] = withOptions<WaitOptions>(names, ['timeout']);
  const limitMs =
    timeout === undefined ? undefined : millisecondsOf(timeout, 'The timeout of wait()');
  return within(waitFor(wanted), limitMs);
}

/**
 * Settles a turn after what was asked for: a run that is over has printed its summary by then, and
 * what is asked for next begins a run of its own.
 */
async function request(
  names: readonly string[],
  patience: 'all' | 'named',
  options: RunOptions,
  onTaken?: (run: number, names: readonly string[]) => void,
): Promise<RunResult> {
  try {
    return await currentBuild().request({
      names,
      root,
      isInside: false,
      patience,
      ...(options.full !== undefined && { full: options.full }),
      ...(onTaken !== undefined && { onTaken }),
    });
  } finally {
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Tasks that have ended already are not run again. */
async function waitFor(names: readonly string[]): Promise<Results> {
  const build = currentBuild();
  const wanted = build.check(names);
  const ended = new Map<string, unknown>();
  for (const name of wanted) {
    const standing = build.standingOf(name);
    if (standing === undefined || !hasEnded(standing.state)) continue;
    if (!hasSucceeded(standing.state)) throw heard(new RunFailed([name], false));
    ended.set(name, standing.value);
  }
  const open = wanted.filter((name) => !ended.has(name));
  if (open.length === 0) return Object.fromEntries(ended);
  const { results: found } = await request(open, 'named', {}).catch((error: unknown) => {
    throw heard(error);
  });
  return { ...Object.fromEntries(ended), ...found };
}

async function untilIdle(throwOnFailure: boolean): Promise<boolean> {
  const build = currentBuild();
  if (build.hasNow) {
    await request([], 'named', {}).catch((error: unknown) => {
      if (!(error instanceof RunFailed)) throw error;
    });
  }
  await build.idle();
  await turn();
  build.unheard.clear();
  const failed = [...build.standings()].flatMap(([name, { state }]) =>
    hasEnded(state) && !hasSucceeded(state) ? [{ name, kind: state.kind }] : [],
  );
  if (failed.length === 0) return true;
  if (!throwOnFailure) return false;
  const names = failed.flatMap(({ name, kind }) => (kind === 'failed' ? [name] : []));
  throw new RunFailed(names, names.length === 0);
}

/** Failures of tasks that were only started. */
function note(tasks: readonly string[]): void {
  for (const task of tasks) currentBuild().unheard.add(task);
}

/** Failures that somebody is told. */
function heard(error: unknown): unknown {
  if (error instanceof RunFailed)
    for (const task of error.tasks) currentBuild().unheard.delete(task);
  return error;
}

function within<T>(waiting: Promise<T>, limitMs: number | undefined): Promise<T> {
  if (limitMs === undefined) return waiting;
  return new Promise((resolve, reject) => {
    const cancel = host.after(limitMs, () => {
      const error = new Error(`What wait() waits for has not ended within ${limitMs} ms.`);
      Object.defineProperty(error, 'name', { value: 'TimeoutError' });
      reject(Object.assign(error, { code: 'wait-timeout' }));
    });
    waiting.finally(cancel).then(resolve, reject);
  });
}

/** Takes the options off the end of `names`. */
function withOptions<O extends object>(
  names: readonly (Wantable | O)[],
  known: readonly (keyof O & string)[],
): [string[], O | Record<string, never>] {
  const last = names.at(-1);
  const isOptions =
    typeof last === 'object' && last !== null && !Array.isArray(last) && !('kind' in last);
  if (!isOptions) return [namesOf(names as readonly Wantable[]), {}];
  const stray = Object.keys(last).find((name) => !(known as readonly string[]).includes(name));
  if (stray !== undefined) refuseOption(`there is no option '${stray}'`, known.join(', '));
  return [namesOf(names.slice(0, -1) as readonly Wantable[]), last as O];
}

function refuseOption(what: string, allowed: string): never {
  throw new UsageError([
    { code: 'invalid-option', text: `Here ${what}.`, hint: `Allowed: ${allowed}.` },
  ]);
}
