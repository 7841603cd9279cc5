import { configure, isWorkerProcess } from './dsl/program.ts';
import { type DefineTask, taskDefiner } from './dsl/task.ts';
import { currentBuild } from './gulp/build.ts';
import type { Registry } from './gulp/gulp-types.ts';
import { ParprocRegistry } from './gulp/registry.ts';
import type { Options } from './model/options.ts';

export type {
  AnyHandle,
  Builder,
  Dep,
  DepFunction,
  Done,
  GulpFunction,
  GulpTask,
  Handle,
  PathArg,
  Steps,
} from './dsl/builder-types.ts';
export type { DefineTask } from './dsl/task.ts';
export type { Registry } from './gulp/gulp-types.ts';
export type { Ref, TaskContext } from './model/context.ts';
export type {
  ArgSpec,
  ArgValues,
  Choice,
  DefinitionContext,
  StandardSchema,
} from './model/definition.ts';
export type { Duration } from './model/duration.ts';
export { DefinitionError, type ErrorCode, type Problem, UsageError } from './model/errors.ts';
export type { Options } from './model/options.ts';
export { RunFailed } from './run/run-failed.ts';

/**
 * Defines a task, or with `[placeholders]` in the name a proto, at once (parproc: `Proc`, `Proto`).
 *
 * @throws DefinitionError `invalid-name`, `duplicate-task`
 */
export const task: DefineTask = taskDefiner((name) => currentBuild().functionFor(name));

/**
 * The registry for `gulp.registry(parproc({ ... }))`: from then on gulp knows the tasks defined
 * here by name (gulp: custom registries).
 *
 * @throws UsageError `invalid-option`
 */
export function parproc(options: Options = {}): Registry {
  configure(options);
  return new ParprocRegistry(currentBuild());
}

/** Whether this process is one of parproc's workers, which import the build file as well. */
export const isWorker: boolean = isWorkerProcess();
