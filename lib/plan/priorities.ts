import type { Plan } from './plan.ts';
import type { PlanNode } from './plan-node.ts';
import { reorderReady } from './ready-queue.ts';

/** The guess where nothing is known of how long a node takes: the mean of what is, or 1. */
export function usualWeight({ weights }: Plan): number {
  return weights.count === 0 ? 1 : weights.sum / weights.count;
}

/**
 * Brings priorities up to date: a node's own weight plus the highest priority of what needs it.
 * That is put off until an order is asked for, so that a chain which grows node by node is walked
 * once and not once per node. Each round walks the part of the graph that rises in the order from
 * dependants to deps; what rises only in consequence of a round is for the next.
 */
export function rank(plan: Plan): void {
  let seeds = plan.unranked.filter(({ stage }) => stage !== 'ended');
  plan.unranked = [];
  while (seeds.length > 0) {
    const waitingFor = risingPart(plan, seeds);
    const next: PlanNode[] = [];
    const order = [...waitingFor.keys()].filter((node) => waitingFor.get(node) === 0);
    for (const node of order) {
      for (const dep of unendedDeps(plan, node)) {
        const hasRisen = raise(plan, dep, node);
        const count = waitingFor.get(dep);
        if (count === undefined) {
          if (hasRisen) next.push(dep);
        } else {
          waitingFor.set(dep, count - 1);
          if (count === 1) order.push(dep);
        }
      }
    }
    seeds = next;
  }
}

/** Nodes that rise because of `seeds`, with how many of their dependants are among them. */
function risingPart(plan: Plan, seeds: readonly PlanNode[]): Map<PlanNode, number> {
  const part = new Map<PlanNode, number>();
  for (const seed of seeds) part.set(seed, 0);
  for (const node of part.keys()) {
    for (const dep of unendedDeps(plan, node)) {
      if (dep.priority < dep.weight + node.priority) part.set(dep, 0);
    }
  }
  for (const node of part.keys()) {
    for (const dep of unendedDeps(plan, node)) {
      const count = part.get(dep);
      if (count !== undefined) part.set(dep, count + 1);
    }
  }
  return part;
}

function* unendedDeps(plan: Plan, { deps }: PlanNode): Generator<PlanNode> {
  for (const id of deps) {
    const dep = plan.nodes.get(id);
    if (dep !== undefined && dep.stage !== 'ended') yield dep;
  }
}

function raise(plan: Plan, dep: PlanNode, dependant: PlanNode): boolean {
  const priority = dep.weight + dependant.priority;
  if (priority <= dep.priority) return false;
  dep.priority = priority;
  if (dep.stage === 'ready' && dep.needsSlot) reorderReady(plan.ready, dep);
  return true;
}
