import type { LogIgnore } from './log-rule.ts';
import type { Pattern } from './pattern.ts';
import type { Place } from './place.ts';
import type { Service } from './service.ts';

/** A value that an argument can be limited to. */
export type Choice = string | number | boolean | bigint;

/** The part of the Standard Schema interface (zod, valibot, arktype, ...) that arguments use. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What one argument may be. */
export type ArgSpec =
  | readonly Choice[]
  | (() => readonly Choice[])
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | BigIntConstructor
  | { readonly pattern: RegExp }
  | StandardSchema;

/** The arguments of an instance, cast. */
export type ArgValues = Readonly<Record<string, unknown>>;

/** What functions in a definition are told besides the arguments. */
export interface DefinitionContext {
  /** The full name of the task that is being created. */
  readonly name: string;
  /** What `params()` has set; a task counts as changed when one that was read here changes. */
  readonly params: Params;
}

/** Values for the whole build, by name (parproc: `set_params`). */
export type Params = Readonly<Record<string, unknown>>;

/** One entry of `.deps()`, normalised. */
export type DepSpec =
  /** A name, a glob or a pattern to be filled from the declarer's arguments and defaults. */
  | { readonly kind: 'pattern'; readonly text: string }
  /** A name that is taken as it is: it came from `handle.of()`. */
  | { readonly kind: 'exact'; readonly name: string }
  /** Gives further deps, as `.deps()` takes them. */
  | {
      readonly kind: 'computed';
      /** Either all of them are patterns, as text, or each is one of these. */
      readonly depsOf: (
        args: ArgValues,
        ctx: DefinitionContext,
      ) => readonly DepSpec[] | readonly string[];
    };

/** All files below a folder whose path, relative to it and with `/`, fits an expression. */
export interface RegexFiles {
  readonly kind: 'regex-files';
  /** A folder; may hold placeholders. */
  readonly root: string;
  readonly source: string;
  readonly flags: string;
}

/** What `.inputs()` and `.ignore()` come to once functions have been called. */
export type InputPath = string | RegexFiles;

/** One entry of `.inputs()` or `.ignore()`: a path or glob, an expression, or what computes some. */
export type PathSpec =
  | InputPath
  | ((args: ArgValues, ctx: DefinitionContext) => readonly InputPath[]);

/** An output that gets too old. */
export interface AgingOutput {
  readonly kind: 'output';
  /** A path or glob. */
  readonly path: string;
  readonly maxAgeMs: number;
  /** Whether the task has failed if it leaves the output older than that. */
  readonly enforceFreshness: boolean;
}

/** What `.outputs()` comes to once functions have been called. */
export type OutputPath = string | AgingOutput;

/** One entry of `.outputs()`: a path or glob, one that gets too old, or what computes some. */
export type OutputSpec =
  | OutputPath
  | ((args: ArgValues, ctx: DefinitionContext) => readonly OutputPath[]);

/** What of the code counts: the action with the file that defines it and all that imports, or only functions. */
export type CodeScope = 'module' | 'function';

/** One entry of `.rdeps()`: the declarer goes before the tasks that the pattern names. */
export interface ReverseDep {
  /**
   * `always`: a target that becomes wanted pulls the declarer in. `when-scheduled`: the declarer
   * pulls its targets in. `when-target-scheduled`: as `always`, but never too late.
   */
  readonly kind: 'always' | 'when-scheduled' | 'when-target-scheduled';
  readonly pattern: Pattern;
}

/** One entry of `.locks()`; the name may hold placeholders. */
export interface LockSpec {
  readonly name: string;
  /** Holders of `shared` may be several at a time, but none beside one that is `exclusive`. */
  readonly mode: 'exclusive' | 'shared';
}

/** What follows the failure of an attempt. */
export interface Retries {
  /** How many attempts may follow the first. */
  readonly count: number;
  /** Before the first of them. */
  readonly delayMs: number;
  /** Each delay is so many times the one before. */
  readonly backoff: number;
}

/** The work of a task. */
export interface Action {
  /** `gulp`: a gulp task function, held to gulp's own rules on how a task says that it is done. */
  readonly kind: 'action' | 'gulp';
  // biome-ignore lint/suspicious/noExplicitAny: the user's function; its types live in the DSL
  readonly run: (...args: any[]) => unknown;
  /** Whether what it gives is nobody's business, as with gulp's own tasks. Default: false. */
  readonly hasNoResult?: boolean;
}

/** What the user wrote about one task or proto: the result of the DSL, frozen once it is used. */
export interface Definition {
  /** As written, placeholders included. */
  readonly name: string;
  readonly pattern: Pattern;
  readonly place: Place;
  readonly description?: string;
  readonly args: ReadonlyMap<string, ArgSpec>;
  readonly defaults: ReadonlyMap<string, unknown>;
  readonly deps: readonly DepSpec[];
  readonly inputs: readonly PathSpec[];
  readonly ignore: readonly PathSpec[];
  readonly outputs: readonly OutputSpec[];
  readonly rdeps: readonly ReverseDep[];
  /** Waits for the others, and runs only if nothing has failed (`NO_FAILURES`). */
  readonly noFailures: boolean;
  readonly locks: readonly LockSpec[];
  /** Undefined: wave 0; without an action, the highest wave of its deps. */
  readonly wave?: number;
  readonly timeoutMs?: number;
  readonly softTimeoutMs?: number;
  /** While watching: how long it must be quiet before changes of its inputs count. */
  readonly debounceMs?: number;
  readonly retries?: Retries;
  /** Names of environment variables that count as inputs. */
  readonly env: readonly string[];
  /** Lines of the output that are not shown. */
  readonly logIgnore: readonly LogIgnore[];
  readonly noSkip: boolean;
  /** Undefined: as the option `code` says. */
  readonly code?: CodeScope;
  /** Undefined: as the option `trackImports` says. */
  readonly trackImports?: boolean;
  /** Wanted once, with the first run. */
  readonly now: boolean;
  readonly inProcess: boolean;
  /** A fresh worker for every run. */
  readonly isolate: boolean;
  /** Present if the task keeps running. */
  readonly service?: Service;
  readonly action?: Action;
}
