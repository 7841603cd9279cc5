import type {
  AgingOutput,
  ArgValues,
  Definition,
  DefinitionContext,
  LockSpec,
  Params,
  PathSpec,
} from './definition.ts';

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
  /** Tasks whose files it reads and that it needs by way of others: their outcomes count as well. */
  readonly makers: readonly string[];
  /** With their arguments filled in, without repeats of a name; `exclusive` wins over `shared`. */
  readonly locks: readonly LockSpec[];
  /** A group without a wave of its own is in the highest one of its deps. */
  readonly wave: number;
  /** Paths and globs with their arguments filled in; functions are called when the task is checked. */
  readonly inputs: readonly PathSpec[];
  readonly ignore: readonly PathSpec[];
  /** Paths and globs with their arguments filled in. */
  readonly outputs: readonly string[];
  /** Those of them that get too old. */
  readonly agingOutputs: readonly AgingOutput[];
  /** As they were when the task was created. */
  readonly params: Params;
  /** What functions of the definition are given; `paramsReadBy` tells what they have read through it. */
  readonly context: DefinitionContext;
}

/** A task of gulp's own (`gulp.task`, an export) that one of ours depends on. */
export interface NativeNode {
  readonly kind: 'native';
  readonly name: string;
  readonly deps: readonly string[];
}

/** A dep that nothing stands for, where that is allowed: it fails, and with it what needs it. */
export interface MissingNode {
  readonly kind: 'missing';
  readonly name: string;
  readonly deps: readonly string[];
}

export type GraphNode = TaskNode | NativeNode | MissingNode;

/** Whether a node does something itself: without an action a task only groups its deps. */
export function isAction(node: GraphNode | undefined): node is TaskNode {
  return node?.kind === 'task' && node.definition.action !== undefined;
}
