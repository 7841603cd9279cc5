import type { PlanNode } from './plan-node.ts';

/** Why one thing cannot end before another. */
export type WaitReason = 'waits' | 'dep' | 'wave' | 'no-failures' | { readonly lock: string };

/** A node, or a place that many have to pass. */
export type Vertex = PlanNode | Gate;

/** Stands for all that has to end before it opens, so that nobody has to list it for himself. */
export interface Gate {
  readonly kind: 'gate';
  blocking(): Iterable<Blocking>;
}

/** Something that has to end first. */
export interface Blocking {
  readonly by: Vertex;
  readonly because: WaitReason;
  /** Set where it is one of several of which some have to end, not all. */
  readonly isOneOfMany?: true;
}

/** Whether a vertex is a gate and no node. */
export function isGate(vertex: Vertex): vertex is Gate {
  return 'kind' in vertex;
}
