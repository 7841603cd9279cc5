import type { Pattern } from './pattern.ts';
import type { Place } from './place.ts';

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
}

/** One entry of `.deps()`, normalised. */
export type DepSpec =
  /** A name, a glob or a pattern to be filled from the declarer's arguments and defaults. */
  | { readonly kind: 'pattern'; readonly text: string }
  /** A name that is taken as it is: it came from `handle.of()`. */
  | { readonly kind: 'exact'; readonly name: string }
  /** Gives further deps, as `.deps()` takes them. */
  | {
      readonly kind: 'computed';
      readonly depsOf: (args: ArgValues, ctx: DefinitionContext) => readonly DepSpec[];
    };

/** One entry of `.inputs()`, `.ignore()` or `.outputs()`: a path or glob, or what computes some. */
export type PathSpec = string | ((args: ArgValues, ctx: DefinitionContext) => readonly string[]);

/** The work of a task. */
export interface Action {
  /** `gulp`: a gulp task function, held to gulp's own rules on how a task says that it is done. */
  readonly kind: 'action' | 'gulp';
  // biome-ignore lint/suspicious/noExplicitAny: the user's function; its types live in the DSL
  readonly run: (...args: any[]) => unknown;
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
  readonly outputs: readonly PathSpec[];
  /** Lock names, which may hold placeholders. */
  readonly locks: readonly string[];
  readonly timeoutMs?: number;
  readonly noSkip: boolean;
  readonly inProcess: boolean;
  readonly action?: Action;
}
