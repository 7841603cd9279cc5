import type { Blocker } from '../model/blocker.ts';
import { type GraphNode, isAction } from '../model/node.ts';
import type { NewNode } from '../plan/plan-node.ts';

/**
 * The locks of a node as the plan knows them. One task never runs twice at a time, even in two
 * runs: its own name is a lock of it.
 *
 * @param readers Tasks that may be reading what it is going to make anew: it starts after them.
 */
export function locksOf(node: GraphNode, readers: readonly string[]): NewNode['locks'] {
  const own = isAction(node) || node.kind === 'native' ? ownLocks(node) : [];
  return [...own, ...readers.map((name) => ({ name: taskLock(name), mode: 'shared' as const }))];
}

/** What a lock that people have named is called in the plan, where tasks are locks as well. */
export function lockName(name: string): string {
  return `lock ${name}`;
}

/** A blocker as people know it: their locks have names without our mark, and tasks are none. */
export function unmarked(blocker: Blocker): Blocker {
  if (blocker.kind !== 'lock') return blocker;
  const { lock, task } = blocker;
  return lock === taskLock(task)
    ? { kind: 'wait', task }
    : { ...blocker, lock: lock.replace(/^\w+ /, '') };
}

function ownLocks(node: GraphNode): NewNode['locks'] {
  const locks = node.kind === 'task' ? node.locks : [];
  const named = locks.map(({ name, mode }) => ({ name: lockName(name), mode }));
  return [...named, { name: taskLock(node.name), mode: 'exclusive' }];
}

function taskLock(name: string): string {
  return `task ${name}`;
}
