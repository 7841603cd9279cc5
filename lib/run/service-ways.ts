import type { Dependants } from '../graph/dependants.ts';
import type { GraphNode } from '../model/node.ts';

/** Looks up a node of a graph. */
export type NodeOf = (name: string) => GraphNode | undefined;

/** From where services are looked for. */
export interface Starts {
  /** Tasks whose deps are needed. */
  readonly users: Iterable<string>;
  /** What is needed itself, if it is a service or a group. */
  readonly wanted: Iterable<string>;
}

/**
 * The services that are needed, directly or by way of groups and of other services, and that are
 * `isOut`, with the groups and services in between. What stands behind a task with an action is the
 * affair of that task.
 */
export function waysToServices(
  { users, wanted }: Starts,
  nodeOf: NodeOf,
  isOut: (name: string) => boolean,
): Set<string> {
  const passages = new Set([...wanted].filter((name) => isPassage(nodeOf(name))));
  for (const user of users) enterDeps(user, nodeOf, passages);
  const usersOf = new Map<string, string[]>();
  // A set takes in what is added while it is gone through.
  for (const name of passages) {
    for (const dep of enterDeps(name, nodeOf, passages)) {
      const known = usersOf.get(dep);
      if (known === undefined) usersOf.set(dep, [name]);
      else known.push(name);
    }
  }
  const ways = new Set([...passages].filter((name) => isService(nodeOf(name)) && isOut(name)));
  for (const name of ways) for (const user of usersOf.get(name) ?? []) ways.add(user);
  return ways;
}

/** Tasks with an action, and services, that need a service directly or by way of groups. */
export function usersOfService(service: string, nodeOf: NodeOf, dependants: Dependants): string[] {
  const groups = new Set([service]);
  const users = new Set<string>();
  for (const name of groups) {
    for (const user of dependants.get(name) ?? []) {
      const isGroup = isPassage(nodeOf(user)) && !isService(nodeOf(user));
      (isGroup ? groups : users).add(user);
    }
  }
  return [...users];
}

/** All services that `names` need, however indirectly, themselves included. */
export function servicesBehind(
  names: Iterable<string>,
  graph: ReadonlyMap<string, GraphNode>,
): string[] {
  const found = new Set(names);
  for (const name of found) for (const dep of graph.get(name)?.deps ?? []) found.add(dep);
  return [...found].filter((name) => isService(graph.get(name)));
}

/** Whether a node is a service. */
export function isService(node: GraphNode | undefined): boolean {
  return node?.kind === 'task' && node.definition.service !== undefined;
}

/** Whether whoever needs the node needs the services behind it. */
function isPassage(node: GraphNode | undefined): boolean {
  return isService(node) || (node?.kind === 'task' && node.definition.action === undefined);
}

/** Returns those deps that are groups or services. */
function enterDeps(name: string, nodeOf: NodeOf, passages: Set<string>): string[] {
  const found = (nodeOf(name)?.deps ?? []).filter((dep) => isPassage(nodeOf(dep)));
  for (const dep of found) passages.add(dep);
  return found;
}
