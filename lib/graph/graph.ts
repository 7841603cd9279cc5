import type { Definition } from '../model/definition.ts';
import type { GraphNode } from '../model/node.ts';

/** Every node by its full name. */
export type Graph = ReadonlyMap<string, GraphNode>;

/** What names can stand for: the definitions, and gulp's own tasks. */
export interface Catalog {
  readonly separator: string;
  /** Tasks and protos by their names as written. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Names of tasks that gulp knows and we do not. */
  readonly nativeNames: ReadonlySet<string>;
}
