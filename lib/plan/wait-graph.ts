import { type LockGates, lockGatesOf } from './lock-gates.ts';
import type { NodeId } from './lock-table.ts';
import { type Supposed, unquiet } from './no-failures.ts';
import { type Plan, unendedOf } from './plan.ts';
import type { PlanNode } from './plan-node.ts';
import { type Blocking, type Gate, isGate, type Vertex, type WaitReason } from './wait-vertex.ts';
import { lowestWave } from './waves.ts';

/** One link of the chain that leads back: why `from` cannot end before `to`. */
export interface WaitStep {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly because: WaitReason;
}

/** What was found on the way from the targets: who waits for each vertex, and why. */
interface Walk {
  readonly plan: Plan;
  readonly supposed: Supposed;
  readonly found: Map<Vertex, Link[]>;
  readonly lockGates: Map<string, LockGates>;
  readonly waveGates: Map<string, Gate>;
}

interface Link {
  readonly from: Vertex;
  readonly because: WaitReason;
  /** Only one of several that would do: by itself it keeps nobody from ending. */
  readonly isOneOfMany: boolean;
}

/**
 * The shortest chain on which `waiter`, were it to wait for `targets`, would wait for itself;
 * undefined if there is none. First everything is collected that the targets cannot end before;
 * only if the waiter is among it, it is looked at who could end all the same: where a lock lets
 * several in, some of them are enough.
 */
export function findCycle(
  plan: Plan,
  waiter: PlanNode,
  targets: readonly PlanNode[],
): WaitStep[] | undefined {
  const supposed = { waiter, targets: new Set(targets.map(({ id }) => id)) };
  const walk: Walk = {
    plan,
    supposed,
    found: new Map(targets.map((target) => [target, []])),
    lockGates: new Map(),
    waveGates: new Map(),
  };
  for (const vertex of walk.found.keys()) {
    if (vertex === waiter) continue;
    for (const blocking of isGate(vertex) ? vertex.blocking() : blockingOf(walk, vertex)) {
      noteLink(walk, vertex, blocking);
    }
  }
  return walk.found.has(waiter) ? chainBack(walk, targets) : undefined;
}

function noteLink({ found }: Walk, from: Vertex, { by, because, isOneOfMany }: Blocking): void {
  const links = found.get(by) ?? [];
  found.set(by, links);
  links.push({ from, because, isOneOfMany: isOneOfMany === true });
}

/** Whom a node cannot end before. What runs can end; a NO_FAILURES node does not wait for all. */
function* blockingOf(walk: Walk, node: PlanNode): Generator<Blocking> {
  const { plan } = walk;
  if (node.state.kind !== 'wanted' || node.inHand) {
    for (const by of unendedOf(plan, node.waitsFor)) yield { by, because: 'waits' };
    return;
  }
  for (const by of unendedOf(plan, node.deps)) yield { by, because: 'dep' };
  const { wave, run } = node;
  if (wave !== undefined && lowestWave(run) < wave) {
    yield { by: waveGate(walk, node), because: 'wave' };
  }
  if (node.noFailures) {
    for (const by of unquiet(plan, node, walk.supposed)) {
      if (by !== node) yield { by, because: 'no-failures' };
    }
  }
  yield* locksBlocking(walk, node);
}

function* locksBlocking(walk: Walk, node: PlanNode): Generator<Blocking> {
  if (node.stage === 'ready') return;
  const isQueued = node.stage === 'locks';
  const claims = isQueued ? node.claims.filter(({ isIn }) => !isIn) : node.locks;
  for (const claim of claims) {
    const name = 'lock' in claim ? claim.lock.name : claim.name;
    yield* gatesOf(walk, name)?.blocking(node, claim.mode, isQueued) ?? [];
  }
}

function gatesOf({ plan, lockGates }: Walk, name: string): LockGates | undefined {
  const lock = plan.locks.locks.get(name);
  const gates = lockGates.get(name) ?? (lock && lockGatesOf(plan, lock));
  if (gates !== undefined) lockGates.set(name, gates);
  return gates;
}

/** One gate per wave that stands for all below it, so that barriers cost no link per pair. */
function waveGate({ waveGates }: Walk, { run, wave }: PlanNode): Gate {
  const key = `${run.id} ${wave}`;
  const known = waveGates.get(key);
  if (known !== undefined) return known;
  const lower = run.order.items.filter((level) => wave !== undefined && level.wave < wave);
  const levels = lower.sort((a, b) => a.wave - b.wave);
  let below: Gate | undefined;
  for (const [at, level] of levels.entries()) {
    const before = below;
    const nextWave = levels[at + 1]?.wave ?? wave;
    const nextKey = `${run.id} ${nextWave}`;
    below = waveGates.get(nextKey) ?? {
      kind: 'gate',
      *blocking(): Generator<Blocking> {
        for (const by of level.unended) yield { by, because: 'wave' };
        if (before !== undefined) yield { by: before, because: 'wave' };
      },
    };
    waveGates.set(nextKey, below);
  }
  if (below === undefined) throw new Error(`Internal error: no wave is below ${wave}`);
  return below;
}

/**
 * All found vertices that would end while the waiter does not. Needed only where a lock lets several
 * in: elsewhere whatever leads to the waiter waits for it.
 */
function endable({ found, lockGates, supposed }: Walk): Set<Vertex> {
  const ended = new Set<Vertex>();
  const gates = [...lockGates.values()];
  const crowded = gates.flatMap((each) => each.crowded());
  if (crowded.length === 0) return ended;
  const open = new Map<Vertex, number>();
  const change = (vertex: Vertex, by: 1 | -1): void => {
    const count = (open.get(vertex) ?? 0) + by;
    open.set(vertex, count);
    if (count === 0 && by === -1) ended.add(vertex);
  };
  change(supposed.waiter, 1);
  for (const node of crowded) change(node, 1);
  for (const links of found.values()) {
    for (const { from, isOneOfMany } of links) if (!isOneOfMany) change(from, 1);
  }
  for (const vertex of found.keys()) if (!open.has(vertex)) ended.add(vertex);
  for (const vertex of ended) {
    for (const { from, isOneOfMany } of found.get(vertex) ?? []) if (!isOneOfMany) change(from, -1);
    if (isGate(vertex)) continue;
    for (const node of gates.flatMap((each) => each.admittedBy(vertex))) change(node, -1);
  }
  return ended;
}

/** From the waiter back to a target, over those that cannot end before it. */
function chainBack(walk: Walk, targets: readonly PlanNode[]): WaitStep[] | undefined {
  const { waiter } = walk.supposed;
  const ended = endable(walk);
  const via = new Map<Vertex, { readonly to: Vertex; readonly because: WaitReason } | undefined>();
  via.set(waiter, undefined);
  for (const vertex of via.keys()) {
    for (const { from, because } of walk.found.get(vertex) ?? []) {
      if (!ended.has(from) && !via.has(from)) via.set(from, { to: vertex, because });
    }
  }
  const wanted = new Set<Vertex>(targets);
  const target = [...via.keys()].find((vertex) => wanted.has(vertex));
  if (target === undefined || isGate(target)) return undefined;
  const path: WaitStep[] = [{ from: waiter.id, to: target.id, because: 'waits' }];
  let from = target;
  for (let next = via.get(target); next !== undefined; next = via.get(next.to)) {
    if (isGate(next.to)) continue;
    path.push({ from: from.id, to: next.to.id, because: next.because });
    from = next.to;
  }
  return path;
}
