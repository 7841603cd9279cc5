import type { Definition, Params } from '../model/definition.ts';
import type { GraphNode } from '../model/node.ts';
import type { DefinitionIndex, RawArgs } from './definition-index.ts';

/** Every node by its full name. A graph only grows: no node is taken out. */
export type Graph = ReadonlyMap<string, GraphNode>;

/** A task that was created by hand: `create('test::x', { as: 'mine' })`, `create('build::*')`. */
export interface Instance {
  readonly definition: Definition;
  readonly rawArgs: RawArgs;
}

/** What names can stand for: the instances, the definitions, and gulp's own tasks. */
export interface Catalog {
  readonly separator: string;
  /** Tasks and protos by their names as written. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Over `definitions`. */
  readonly index: DefinitionIndex;
  /** By full name; they win over definitions. Only grows. */
  readonly instances: ReadonlyMap<string, Instance>;
  /** Names of tasks that gulp knows and we do not. */
  readonly nativeNames: ReadonlySet<string>;
  readonly params: Params;
  /** Whether a dep that nothing stands for fails when it comes up, instead of being an error. */
  readonly allowMissingDeps: boolean;
  /** Paths and globs that are no inputs of any task. */
  readonly globalIgnore: readonly string[];
}
