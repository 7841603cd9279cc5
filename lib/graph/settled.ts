import type { TaskNode } from '../model/node.ts';

/**
 * Tasks of a request that are known to be up to date, and of which there need be no nodes therefore: in a
 * run with nothing to do these are nearly all. A node is made when somebody asks for it.
 */
export interface Settled {
  readonly size: number;
  has(name: string): boolean;
  /** The same one each time; undefined for any other task. */
  nodeOf(name: string): TaskNode | undefined;
  /** What its dependants compare; undefined for any other task. */
  digestOf(name: string): string | undefined;
  names(): Iterable<string>;
  /** In the order in which they were met. */
  nodes(): Iterable<TaskNode>;
}
