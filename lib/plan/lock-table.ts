/** Identifies a node of the plan. */
export type NodeId = number;

/** Who holds each lock and who waits for it, in order of arrival. */
export type LockTable = Map<string, Lock>;

interface Lock {
  holder: NodeId | undefined;
  readonly waiting: Set<NodeId>;
}

/** Puts `id` at the end of the queue of each of `locks`, all at once, so that orders never cross. */
export function enqueue(table: LockTable, id: NodeId, locks: readonly string[]): void {
  for (const name of locks) lockOf(table, name).waiting.add(id);
}

/** Takes all of `locks` for `id` if it is first in line for each and each is free. */
export function tryTake(table: LockTable, id: NodeId, locks: readonly string[]): boolean {
  if (locks.some((name) => obstacle(table, id, name) !== undefined)) return false;
  for (const name of locks) {
    const lock = lockOf(table, name);
    lock.waiting.delete(id);
    lock.holder = id;
  }
  return true;
}

/** Gives up what `id` holds or waits for; returns who is first in line now for any of it. */
export function leave(table: LockTable, id: NodeId, locks: readonly string[]): NodeId[] {
  const heads = new Set<NodeId>();
  for (const name of locks) {
    const lock = lockOf(table, name);
    lock.waiting.delete(id);
    if (lock.holder === id) lock.holder = undefined;
    const head = firstOf(lock.waiting);
    if (head !== undefined) heads.add(head);
    else if (lock.holder === undefined) table.delete(name);
  }
  return [...heads];
}

/** Who keeps `id` from taking the lock: its holder, or whoever is before it in line. */
export function obstacle(table: LockTable, id: NodeId, name: string): NodeId | undefined {
  const lock = table.get(name);
  if (lock === undefined) return undefined;
  if (lock.holder !== undefined) return lock.holder === id ? undefined : lock.holder;
  const head = firstOf(lock.waiting);
  return head === id ? undefined : head;
}

function lockOf(table: LockTable, name: string): Lock {
  const lock = table.get(name) ?? { holder: undefined, waiting: new Set<NodeId>() };
  table.set(name, lock);
  return lock;
}

function firstOf(ids: Set<NodeId>): NodeId | undefined {
  return ids.values().next().value;
}
