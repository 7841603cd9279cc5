import type { Lock, LockClaim } from './lock-table.ts';
import { nodeOf, type Plan } from './plan.ts';
import type { PlanNode } from './plan-node.ts';
import type { Blocking, Gate } from './wait-vertex.ts';

type Mode = LockClaim['mode'];

/** Who has to end before whom at one lock. */
export interface LockGates {
  readonly name: string;
  /** What has to end before `node` has the lock; `isQueued`: it stands in the queue already. */
  blocking(node: PlanNode, mode: Mode, isQueued: boolean): Iterable<Blocking>;
  /** Who of those that were asked for stands behind more others than may be in together. */
  crowded(): PlanNode[];
  /** Who of them is not crowded out any more once `node` has ended too. */
  admittedBy(node: PlanNode): PlanNode[];
}

/** Neighbours in the queue that want the lock in the same mode: others wait for all of them. */
interface Phase {
  readonly mode: Mode;
  readonly members: PlanNode[];
  /** Opens when all phases before have ended; undefined for the first. */
  readonly gate: Gate | undefined;
  /** Where those stood that are supposed to have ended. */
  readonly endedAt: Set<number>;
  /** The first who have not ended, as many as may be in together. */
  front: number[];
  /** Nodes that stand, or will stand, in this phase behind more others than may be in together. */
  readonly crowded: Map<PlanNode, number>;
}

interface Place {
  readonly phase: Phase;
  readonly at: number;
}

/** The gates of a lock as it is now. */
export function lockGatesOf(plan: Plan, lock: Lock): LockGates {
  const phases: Phase[] = [];
  const places = new Map<PlanNode, Place>();
  for (let claim = lock.first; claim !== undefined; claim = claim.next) {
    const phase = phaseFor(phases, claim.mode, lock.name);
    if (phase !== phases.at(-1)) phases.push(phase);
    const node = nodeOf(plan, claim.id);
    places.set(node, { phase, at: phase.members.length });
    phase.members.push(node);
  }
  return {
    name: lock.name,
    blocking(node, mode, isQueued) {
      const phase = phaseFor(phases, mode, lock.name);
      const place = isQueued ? places.get(node) : { phase, at: phase.members.length };
      return place === undefined ? [] : blockingAt(place, node, lock);
    },
    crowded() {
      return phases.flatMap((phase) => [...phase.crowded.keys()]);
    },
    admittedBy(node) {
      const place = places.get(node);
      return place === undefined ? [] : admitted(place, lock.capacity);
    },
  };
}

/** The last phase if it is of this mode, else one that would follow it. */
function phaseFor(phases: readonly Phase[], mode: Mode, name: string): Phase {
  const last = phases.at(-1);
  if (last?.mode === mode) return last;
  const gate = last === undefined ? undefined : gateBehind(last, name);
  return { mode, members: [], gate, endedAt: new Set(), front: [], crowded: new Map() };
}

function gateBehind(phase: Phase, name: string): Gate {
  const because = { lock: name };
  return {
    kind: 'gate',
    *blocking(): Generator<Blocking> {
      for (const by of phase.members) yield { by, because };
      if (phase.gate !== undefined) yield { by: phase.gate, because };
    },
  };
}

function* blockingAt({ phase, at }: Place, node: PlanNode, lock: Lock): Generator<Blocking> {
  const because = { lock: lock.name };
  if (phase.gate !== undefined) yield { by: phase.gate, because };
  if (phase.mode === 'shared' || at < lock.capacity) return;
  // Behind the first who does not fit, each stands behind the one before it.
  const direct = at === lock.capacity ? phase.members.slice(0, at) : [phase.members[at - 1]];
  if (lock.capacity > 1) phase.crowded.set(node, at);
  for (const by of direct) {
    if (by === undefined) continue;
    yield lock.capacity > 1 ? { by, because, isOneOfMany: true } : { by, because };
  }
}

function admitted({ phase, at }: Place, capacity: number): PlanNode[] {
  if (phase.crowded.size === 0) return [];
  phase.endedAt.add(at);
  const { endedAt, members } = phase;
  const known = phase.front.filter((each) => !endedAt.has(each));
  let next = (phase.front.at(-1) ?? -1) + 1;
  for (; known.length < capacity && next < members.length; next++) {
    if (!endedAt.has(next)) known.push(next);
  }
  phase.front = known;
  const last = known.length < capacity ? members.length : (known.at(-1) ?? 0);
  const nodes = [...phase.crowded].filter(([, each]) => each <= last).map(([node]) => node);
  for (const node of nodes) phase.crowded.delete(node);
  return nodes;
}
