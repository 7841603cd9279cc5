/** Identifies a node of the plan. Later nodes have higher ones. */
export type NodeId = number;

/** What a node wants of a lock: `shared` holders may be several, `exclusive` ones as capacity has it. */
export interface LockClaim {
  readonly name: string;
  readonly mode: 'exclusive' | 'shared';
}

/** Who holds each lock and who waits for it. */
export interface LockTable {
  readonly locks: Map<string, Lock>;
  /** How many may hold a lock exclusively at a time, by name; 1 where it is not named. */
  readonly capacities: ReadonlyMap<string, number>;
}

/** All claims of one lock in order of arrival, as a list: those that are in, then those that wait. */
export interface Lock {
  readonly name: string;
  readonly capacity: number;
  first: Claim | undefined;
  last: Claim | undefined;
  firstWaiting: Claim | undefined;
  exclusiveIn: number;
  sharedIn: number;
}

/** The place of a node in the list of one lock. */
export interface Claim {
  readonly id: NodeId;
  readonly lock: Lock;
  readonly mode: LockClaim['mode'];
  /** Whether the lock is its own; the node still waits until all its claims are in. */
  isIn: boolean;
  previous: Claim | undefined;
  next: Claim | undefined;
}

/**
 * Puts `id` at the end of the list of each of `claims`, all at once: so orders never cross, and
 * whoever came first of all waits for nobody but holders. Claims that find room are in at once.
 */
export function enqueue(table: LockTable, id: NodeId, claims: readonly LockClaim[]): Claim[] {
  return claims.map(({ name, mode }) => {
    const lock = lockOf(table, name);
    const claim: Claim = { id, lock, mode, isIn: false, previous: lock.last, next: undefined };
    if (lock.last === undefined) lock.first = claim;
    else lock.last.next = claim;
    lock.last = claim;
    if (lock.firstWaiting !== undefined) return claim;
    if (hasRoom(lock, mode)) letIn(lock, claim);
    else lock.firstWaiting = claim;
    return claim;
  });
}

/** Gives up `claims`, held or not; returns the claims of others that are in now because of it. */
export function leave(table: LockTable, claims: readonly Claim[]): Claim[] {
  const admitted: Claim[] = [];
  for (const claim of claims) {
    const { lock } = claim;
    unlink(claim);
    if (lock.first === undefined) table.locks.delete(lock.name);
    for (let next = lock.firstWaiting; next !== undefined; next = lock.firstWaiting) {
      if (!hasRoom(lock, next.mode)) break;
      lock.firstWaiting = next.next;
      letIn(lock, next);
      admitted.push(next);
    }
  }
  return admitted;
}

/** Who keeps a node from a lock: the first that has to end before. `own`: its claim, if it queues. */
export function obstacle(
  table: LockTable,
  { name, mode }: LockClaim,
  own: Claim | undefined,
): NodeId | undefined {
  const lock = own?.lock ?? table.locks.get(name);
  if (lock === undefined || own?.isIn === true) return undefined;
  if (own === undefined && lock.firstWaiting === undefined && hasRoom(lock, mode)) return undefined;
  const isBehindReaders = mode === 'shared' && lock.exclusiveIn === 0;
  return (isBehindReaders ? lock.firstWaiting : lock.first)?.id;
}

/** Whether a claim can be in beside those that are. */
function hasRoom(lock: Lock, mode: LockClaim['mode']): boolean {
  if (mode === 'shared') return lock.exclusiveIn === 0;
  return lock.sharedIn === 0 && lock.exclusiveIn < lock.capacity;
}

function letIn(lock: Lock, claim: Claim): void {
  claim.isIn = true;
  if (claim.mode === 'shared') lock.sharedIn++;
  else lock.exclusiveIn++;
}

function unlink(claim: Claim): void {
  const { lock, previous, next } = claim;
  if (lock.firstWaiting === claim) lock.firstWaiting = next;
  if (previous === undefined) lock.first = next;
  else previous.next = next;
  if (next === undefined) lock.last = previous;
  else next.previous = previous;
  if (!claim.isIn) return;
  if (claim.mode === 'shared') lock.sharedIn--;
  else lock.exclusiveIn--;
}

function lockOf(table: LockTable, name: string): Lock {
  const known = table.locks.get(name);
  if (known !== undefined) return known;
  const lock: Lock = {
    name,
    capacity: table.capacities.get(name) ?? 1,
    first: undefined,
    last: undefined,
    firstWaiting: undefined,
    exclusiveIn: 0,
    sharedIn: 0,
  };
  table.locks.set(name, lock);
  return lock;
}
