import type { ArgValues, Definition, PathSpec } from './definition.ts';

/** A task with all its arguments filled: a node of the graph. */
export interface TaskNode {
  readonly kind: 'task';
  readonly name: string;
  readonly definition: Definition;
  /** The values of the placeholders as they stand in the name. */
  readonly rawArgs: Readonly<Record<string, string>>;
  /** The same values, cast to what `.args()` says. */
  readonly args: ArgValues;
  /** Names of the nodes that must succeed first, without repeats. */
  readonly deps: readonly string[];
  readonly locks: readonly string[];
  /** Paths and globs with their arguments filled in; functions are called when the task is checked. */
  readonly inputs: readonly PathSpec[];
  readonly ignore: readonly PathSpec[];
  /** Paths and globs with their arguments filled in. */
  readonly outputs: readonly string[];
}

/** A task of gulp's own (`gulp.task`, an export) that one of ours depends on. */
export interface NativeNode {
  readonly kind: 'native';
  readonly name: string;
  readonly deps: readonly string[];
}

export type GraphNode = TaskNode | NativeNode;
