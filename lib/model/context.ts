import type { ArgValues } from './definition.ts';

declare const resultType: unique symbol;

/** Names one task, and remembers in its type what that task returns. Made by `handle.of()`. */
export interface Ref<out Result = unknown> {
  readonly kind: 'ref';
  /** The full name, such as `styles::dev`. */
  readonly name: string;
  readonly [resultType]?: Result;
}

/** What an action is given first: all that it may know of the run around it. */
export interface TaskContext<out Args = ArgValues> {
  /** The full name of the task, such as `styles::dev`. */
  readonly name: string;
  /** The values of the placeholders, cast to what `.args()` says. */
  readonly args: Args;
  /** What the deps of the task returned, by their full names. */
  readonly results: Readonly<Record<string, unknown>>;
  /** What one dep returned, typed. Throws if `ref` is not among the deps. */
  result<Result>(ref: Ref<Result>): Result;
  /** The files that the declared inputs stand for, sorted, relative to the working directory. */
  readonly inputs: readonly string[];
  /** The declared outputs with their arguments filled in. */
  readonly outputs: readonly string[];
}
