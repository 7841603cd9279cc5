import type { Ref, TaskContext } from '../model/context.ts';
import type {
  AgingOutput,
  ArgSpec,
  CodeScope,
  DefinitionContext,
  RegexFiles,
  StandardSchema,
} from '../model/definition.ts';
import type { Duration } from '../model/duration.ts';
import type { LogIgnore } from '../model/log-rule.ts';
import type { ConditionalReverseDep, NoFailures, SharedLock } from './markers.ts';
import type { RetryOptions } from './retries.ts';
import type { ServiceOptions } from './service-options.ts';

/** The placeholder names in a task name: `'env'` for `'build::[env]'`. */
export type Placeholders<Name extends string> = Name extends `${string}[${infer P}]${infer Tail}`
  ? (P extends `...${infer Q}` ? Q : P) | Placeholders<Tail>
  : never;

/** The arguments of a name before `.args()` says more: all of them strings. */
export type ArgsOf<Name extends string> = { readonly [K in Placeholders<Name>]: string };

/** The type of the values that an argument spec lets through. */
export type ArgValue<Spec> = Spec extends readonly (infer Choice)[]
  ? Choice
  : Spec extends StringConstructor
    ? string
    : Spec extends NumberConstructor
      ? number
      : Spec extends BooleanConstructor
        ? boolean
        : Spec extends BigIntConstructor
          ? bigint
          : Spec extends StandardSchema<infer Output>
            ? Output
            : Spec extends () => readonly (infer Choice)[]
              ? Choice
              : string;

/** `Args` with what `Specs` says of some of them. */
export type Refined<Args, Specs> = {
  readonly [K in keyof Args]: K extends keyof Specs ? ArgValue<Specs[K]> : Args[K];
};

/** What a task comes to, given what its function returns: streams and emitters have no value. */
export type Settled<Returned> = ValueOf<Awaited<Returned>>;

// For each member of a union by itself: a function may return a stream or a value.
type ValueOf<Returned> = Returned extends { on(...args: never[]): unknown }
  ? undefined
  : Returned extends { subscribe(...args: never[]): unknown }
    ? unknown
    : Returned;

/** What an action comes to: with three parameters the value given to `done`. */
export type ResultOf<F extends (...args: never[]) => unknown> =
  Required<Parameters<F>> extends readonly [unknown, unknown, Done<infer Value>]
    ? unknown extends Value
      ? unknown
      : Value | undefined
    : Settled<ReturnType<F>>;

/** Says that the task has ended, for actions that declare a third parameter. */
export type Done<Value = unknown> = (error?: unknown, value?: Value) => void;

/** A task function as gulp knows it: unchanged, it can be the action of a task by `.wrap()`. */
// biome-ignore lint/suspicious/noExplicitAny: gulp's own signature
export type GulpFunction = (done: (error?: any) => void) => unknown;

/** What gulp's `series`, `parallel`, `watch` and exports take. */
export type GulpTask = (done: (error?: Error | null) => void) => void;

/** Something that can be run: each of them can stand in `.deps()`. */
export interface AnyHandle {
  readonly kind: 'task';
  /** The name as written. */
  readonly name: string;
}

/** One dep: a name, glob or pattern, a reference, or a task itself. */
export type Dep = string | Ref | AnyHandle;

/** Computes deps from the arguments when a task is created. */
export type DepFunction<Args> = (args: Args, ctx: DefinitionContext) => Dep | readonly Dep[];

/** A path, glob or `!negation`, what `regexFiles()` gives, or a function that computes some. */
export type PathArg<Args> =
  | string
  | RegexFiles
  | ((
      args: Args,
      ctx: DefinitionContext,
    ) => string | RegexFiles | readonly (string | RegexFiles)[]);

/** A path or glob, what `output()` gives, or a function that computes some. */
export type OutputArg<Args> =
  | string
  | AgingOutput
  | ((
      args: Args,
      ctx: DefinitionContext,
    ) => string | AgingOutput | readonly (string | AgingOutput)[]);

type Given<Args, Defaults extends keyof Args> = {
  readonly [K in Exclude<keyof Args, Defaults>]: Args[K];
} & { readonly [K in Defaults]?: Args[K] };

/** No parameter where there is no argument to give, an optional one where all have defaults. */
type GivenArgs<Args, Defaults extends keyof Args> = [keyof Args] extends [never]
  ? []
  : [Exclude<keyof Args, Defaults>] extends [never]
    ? [args?: Given<Args, Defaults>]
    : [args: Given<Args, Defaults>];

/** A defined task or proto, typed by its arguments and its result. */
export interface Handle<Args, Defaults extends keyof Args, Result> extends AnyHandle {
  /**
   * One task of this proto.
   *
   * @throws DefinitionError `missing-argument`, `argument-not-a-choice`, `argument-invalid`
   */
  of(...args: GivenArgs<Args, Defaults>): Ref<Result>;
  /**
   * A function for `gulp.series`, `gulp.parallel`, `gulp.watch` and exports.
   *
   * @throws DefinitionError as `of` does
   */
  gulp(...args: GivenArgs<Args, Defaults>): GulpTask;
}

/** The steps that may come in any order. `Extra` holds names that only `.defaults()` knows. */
export interface Steps<Args, Defaults extends keyof Args, Extra, Result>
  extends Handle<Args, Defaults, Result> {
  /** What `gulp --tasks` shows beside the name (gulp: `description`). */
  describe(text: string): this;
  /**
   * Tasks that have to succeed first, or `NO_FAILURES`. Placeholders are filled from the arguments
   * and defaults; globs expand over choices (parproc: `deps`).
   *
   * @throws DefinitionError `invalid-pattern` for a placeholder that nothing fills
   */
  deps(
    ...deps: (Dep | DepFunction<Args & Extra> | NoFailures)[]
  ): Steps<Args, Defaults, Extra, Result>;
  /**
   * Tasks that this one goes before: a pattern (a task of that name which is wanted pulls this one
   * in, with the arguments that the pattern finds in its name), `whenScheduled(pattern)` or
   * `whenTargetScheduled(pattern)` (parproc: `rdeps`).
   *
   * @throws DefinitionError `invalid-pattern`
   */
  rdeps(...entries: (string | ConditionalReverseDep)[]): Steps<Args, Defaults, Extra, Result>;
  /** Files that the result depends on (parproc: `inputs`). Relative to the gulpfile's folder. */
  inputs(...paths: PathArg<Args & Extra>[]): Steps<Args, Defaults, Extra, Result>;
  /** Files that do not count although `.inputs()` covers them (parproc: `inputs_ignore`). */
  ignore(...paths: PathArg<Args & Extra>[]): Steps<Args, Defaults, Extra, Result>;
  /**
   * Files that the task makes; it fails if one is missing afterwards (parproc: `outputs`). With
   * `output(path, { maxAge })` it also runs when the file has got too old.
   */
  outputs(...paths: OutputArg<Args & Extra>[]): Steps<Args, Defaults, Extra, Result>;
  /**
   * Names, which may hold placeholders: of all tasks that want one only one runs at a time, or as
   * many as the option `locks` says; `shared(name)` for those that may run beside each other
   * (parproc: `locks`). First come, first served.
   *
   * @throws DefinitionError `invalid-pattern` for a placeholder that nothing fills
   */
  locks(...locks: (string | SharedLock)[]): Steps<Args, Defaults, Extra, Result>;
  /**
   * Coarse order: all wanted tasks of lower waves end before one of a higher wave starts. Default: 0
   * (parproc: `wave`).
   *
   * @throws DefinitionError `invalid-option`
   */
  wave(wave: number): Steps<Args, Defaults, Extra, Result>;
  /** Environment variables that count as inputs; of their values only a digest is kept. */
  env(...names: string[]): Steps<Args, Defaults, Extra, Result>;
  /**
   * Runs the action again when it has failed, timed out or lost its process, up to `count` times.
   *
   * @throws DefinitionError, UsageError `invalid-option`
   */
  retries(count: number, options?: RetryOptions): Steps<Args, Defaults, Extra, Result>;
  /** Wanted once per process, with its first run, without being asked for (parproc: `now`). */
  now(): Steps<Args, Defaults, Extra, Result>;
  /** A worker of its own for every run, that ends with it. */
  isolate(): Steps<Args, Defaults, Extra, Result>;
  /**
   * The longest the action may take, in milliseconds or as text such as `'30s'`. Past it the
   * process group is stopped and the task has failed (parproc, billiard: `timeout`). With
   * `.inProcess()` it is a failure too, but a synchronous loop cannot be stopped.
   *
   * @throws UsageError `invalid-option`
   */
  timeout(limit: Duration): Steps<Args, Defaults, Extra, Result>;
  /**
   * The longest it should take: past it `ctx.signal` is aborted, with a `SoftTimeLimitExceeded` as
   * the reason, and the task may still end by itself (billiard: `soft_timeout`).
   *
   * @throws UsageError `invalid-option`
   */
  softTimeout(limit: Duration): Steps<Args, Defaults, Extra, Result>;
  /**
   * Lines of the output that are neither shown nor searched for warnings and errors; the log file
   * has them all. A RegExp, `ignoreAlways(re)`, or `ignoreIfSucceeded(re)` (parproc: `log_ignore`).
   *
   * @throws DefinitionError `invalid-option`
   */
  logIgnore(...rules: LogIgnore[]): Steps<Args, Defaults, Extra, Result>;

  /**
   * While watching: how long it must be quiet before changes of its inputs lead to a run, 0 for at
   * once. Default: as the option `watchDebounce` says.
   *
   * @throws UsageError `invalid-option`
   */
  debounce(quiet: Duration): Steps<Args, Defaults, Extra, Result>;
  /**
   * What of the code counts. `'module'`: the action, the file that defines the task and the local
   * modules which that imports. `'function'`: only the text of the functions given to the task.
   * Default: as the option `code` says.
   *
   * @throws DefinitionError `invalid-option`
   */
  code(scope: CodeScope): Steps<Args, Defaults, Extra, Result>;
  /**
   * Whether files that the inputs import count as inputs, those that these import, and so on: of
   * scripts, style sheets and templates, first-party files only. They are not in `ctx.inputs`, and
   * `.ignore()` holds for them too. Default: as the option `trackImports` says; `.trackImports()`
   * turns it on (parproc: `track_imports`).
   *
   * @throws DefinitionError `invalid-option`
   */
  trackImports(isOn?: boolean): Steps<Args, Defaults, Extra, Result>;
  /** Runs whenever it is wanted, up to date or not (parproc: `no_skip`). */
  noSkip(): Steps<Args, Defaults, Extra, Result>;
  /** Runs in the gulp process itself, for tasks that need its state. */
  inProcess(): Steps<Args, Defaults, Extra, Result>;
  /**
   * Makes it a task that keeps running, such as a dev server: what needs it starts when it is ready,
   * and it is stopped when nothing needs it any more. One that is asked for by name, or by a group
   * without an action, runs until Ctrl-C. While watching it starts anew if its own inputs or its deps
   * have changed. `.timeout()` is how long it may take to be ready; a slot and locks are its own only
   * until then.
   *
   * @throws DefinitionError `invalid-option`, and `definition-conflict` beside `.outputs()`,
   *   `.noSkip()`, `.now()`, `.softTimeout()`, `.inProcess()`, or without an action
   */
  service(options: ServiceOptions): Steps<Args, Defaults, Extra, undefined>;
  /** An existing gulp task function as the action, by gulp's rules of async completion. */
  wrap(fn: GulpFunction): Steps<Args, Defaults, Extra, undefined>;
  /**
   * The work, in a child process. With fewer than three parameters the returned value or promise
   * ends the task; with three, `done(error, value)` does.
   */
  action<F extends (ctx: TaskContext<Args>, args: Args, done: Done) => unknown>(
    fn: F,
  ): Steps<Args, Defaults, Extra, ResultOf<F>>;
}

/** A task at its beginning: what shapes the types of everything else comes first. */
export interface Builder<Name extends string, Args, Defaults extends keyof Args, Extra>
  extends Steps<Args, Defaults, Extra, undefined> {
  /**
   * What each argument may be: an array of choices or a function that returns one, `String`,
   * `Number`, `Boolean`, `BigInt`, `{ pattern: /.../ }` or a Standard Schema
   * (parproc: `arg_choices` and annotations).
   */
  args<
    const Specs extends { readonly [K in keyof Args]?: ArgSpec } & Readonly<
      Record<string, ArgSpec>
    >,
  >(
    specs: Specs & { readonly [K in Exclude<keyof Specs, keyof Args>]: never },
  ): Builder<Name, Refined<Args, Specs>, Defaults & keyof Refined<Args, Specs>, Extra>;
  /** Values that fill `.of()` and dep patterns; other names than arguments may be added. */
  defaults<
    const Values extends { readonly [K in keyof Args]?: Args[K] } & Readonly<
      Record<string, unknown>
    >,
  >(
    values: Values,
  ): Builder<Name, Args, Defaults | (keyof Args & keyof Values), Extra & Omit<Values, keyof Args>>;
}
