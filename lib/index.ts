import { explainUncaught } from './build/exit-code.ts';
import { configure } from './build/script.ts';
import type { GulpFunction } from './dsl/builder-types.ts';
import { isWorkerProcess } from './dsl/program.ts';
import { type DefineTask, taskDefiner } from './dsl/task.ts';
import { currentGulpBuild } from './gulp/gulp-build.ts';
import type { Registry } from './gulp/gulp-types.ts';
import { ParprocRegistry } from './gulp/registry.ts';
import type { Wantable } from './model/context.ts';
import type { Options } from './model/options.ts';
import { namesOf } from './model/wanted-names.ts';

export {
  cleaner,
  clear,
  configure,
  create,
  params,
  type RunOptions,
  results,
  run,
  start,
  states,
  type WaitForAllOptions,
  type WaitOptions,
  type WatchOptions,
  wait,
  waitForAll,
  watch,
} from './build/script.ts';
export type {
  AnyHandle,
  ArgsOf,
  ArgValue,
  Builder,
  Dep,
  DepFunction,
  Done,
  GulpFunction,
  GulpTask,
  Handle,
  OutputArg,
  PathArg,
  Refined,
  ResultOf,
  Settled,
  Steps,
} from './dsl/builder-types.ts';
export {
  type ConditionalReverseDep,
  ignoreAlways,
  ignoreIfSucceeded,
  NO_FAILURES,
  type NoFailures,
  type SharedLock,
  shared,
  whenScheduled,
  whenTargetScheduled,
} from './dsl/markers.ts';
export { type OutputOptions, output, regexFiles } from './dsl/path-markers.ts';
export type { RetryOptions } from './dsl/retries.ts';
export type { ServiceOptions } from './dsl/service-options.ts';
export type { DefineTask } from './dsl/task.ts';
export type { Registry } from './gulp/gulp-types.ts';
export type {
  DestFolder,
  DestOptions,
  ExecOptions,
  ExecResult,
  Ref,
  Results,
  SrcOptions,
  TaskContext,
  Wantable,
} from './model/context.ts';
export type { CreateOptions } from './model/create-options.ts';
export type {
  AgingOutput,
  ArgSpec,
  ArgValues,
  Choice,
  CodeScope,
  DefinitionContext,
  Params,
  RegexFiles,
  StandardSchema,
} from './model/definition.ts';
export type { Duration } from './model/duration.ts';
export { DefinitionError, type ErrorCode, type Problem, UsageError } from './model/errors.ts';
export type { TaskFailure } from './model/failure.ts';
export { holdTask } from './model/inside-task.ts';
export type { LogIgnore, LogRule } from './model/log-rule.ts';
export type { FailureMode, ImportFinder, Options } from './model/options.ts';
export { RunFailed, type RunResult, type StateName, type TaskResult } from './model/run-result.ts';
export type { StaleReason } from './model/stale-reason.ts';
export {
  NoChangeError,
  SoftTimeLimitExceeded,
  TaskFailedError,
  TaskSkippedError,
} from './model/task-ending.ts';
export { importedFiles } from './run/imported-files.ts';

/**
 * Defines a task, or with `[placeholders]` in the name a proto, at once (parproc: `Proc`, `Proto`).
 *
 * @throws DefinitionError `invalid-name`, `duplicate-task`
 */
export const task: DefineTask = taskDefiner((name) => currentGulpBuild().functionFor(name));

/**
 * The registry for `gulp.registry(parproc({ ... }))`: from then on gulp knows the tasks defined
 * here by name (gulp: custom registries).
 *
 * @throws UsageError `invalid-option`
 */
export function parproc(options: Options = {}): Registry {
  configure(options);
  return new ParprocRegistry(currentGulpBuild());
}

/**
 * A gulp function that keeps tasks up to date, for exports and `gulp.series()`:
 * `export const dev = watcher('site::dev')`. See `watch()`; it ends when the process is told to.
 *
 * @throws DefinitionError (through gulp, before anything starts) with every problem of the request
 */
export function watcher(...names: readonly Wantable[]): GulpFunction {
  const fn: GulpFunction = (done) => {
    if (!isWorkerProcess())
      currentGulpBuild()
        .watch(namesOf(names))
        .then(() => done(), done);
  };
  return fn;
}

/** Whether this process is one of parproc's workers, which import the build file as well. */
export const isWorker: boolean = isWorkerProcess();

if (!isWorker) explainUncaught();
