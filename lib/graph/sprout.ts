import type { Definition } from '../model/definition.ts';
import type { GraphNode } from '../model/node.ts';
import type { RawArgs } from './definition-index.ts';
import type { Seedling } from './make-node.ts';

/** A node that a request adds, while its deps are still being found. */
export type Sprout = TaskSprout | OtherSprout;

interface Common {
  readonly name: string;
  /** Without repeats: see `addDep`. */
  deps: string[];
  /** The same as `deps`, once they are many. */
  depSet: Set<string> | undefined;
  /** The finished node, once there is one. */
  made: GraphNode | undefined;
  /** How far a search for cycles has got with it. */
  visit: 'new' | 'open' | 'done';
}

/** A task of ours that is being added. */
export interface TaskSprout extends Common {
  readonly kind: 'task';
  readonly definition: Definition;
  readonly rawArgs: RawArgs;
  /** The protos whose reverse deps have led here, each making the name longer; the last first. */
  readonly pulledBy: Pull | undefined;
  /** Undefined until it is made, and if it cannot be. */
  node: Seedling['node'] | undefined;
  wave: number;
}

/** A task of gulp's, or a dep that nothing stands for. */
export interface OtherSprout extends Common {
  readonly kind: 'native' | 'missing';
}

/** One link of `TaskSprout.pulledBy`. */
export interface Pull {
  readonly definition: Definition;
  readonly before: Pull | undefined;
}

const fewDeps = 16;

/** Adds a dep that it may have already. */
export function addDep(sprout: Sprout, dep: string): void {
  const { deps } = sprout;
  if (deps.length < fewDeps) {
    // A list that grows takes room for seventeen, and most tasks have no more than two.
    if (!deps.includes(dep)) sprout.deps = [...deps, dep];
    return;
  }
  sprout.depSet ??= new Set(deps);
  if (sprout.depSet.has(dep)) return;
  sprout.depSet.add(dep);
  deps.push(dep);
}
