import type { TaskEvent } from '../../lib/model/state.ts';
import { addNodes } from '../../lib/plan/grow.ts';
import type { LockClaim, NodeId } from '../../lib/plan/lock-table.ts';
import { type Move, nextMove } from '../../lib/plan/next-move.ts';
import { emptyPlan, type Plan, type PlanLimits } from '../../lib/plan/plan.ts';
import type { NewNode } from '../../lib/plan/plan-node.ts';
import { record } from '../../lib/plan/record.ts';

export const started: TaskEvent = { kind: 'started', at: 0, reasons: [] };
export const succeeded: TaskEvent = { kind: 'succeeded', at: 1 };
export const skipped: TaskEvent = { kind: 'skipped', at: 1, why: 'skip' };
export const upToDate: TaskEvent = { kind: 'found-up-to-date' };
export const cancelled: TaskEvent = { kind: 'cancelled' };
export const failed: TaskEvent = {
  kind: 'failed',
  at: 1,
  failure: { reason: 'never-completed' },
};

/** A node of a test: what is left out does not matter there. Locks: `db`, shared: `~db`. */
export interface Wanted extends Partial<Omit<NewNode, 'locks'>> {
  readonly locks?: readonly string[];
}

/** A lock by its short name. */
export function claim(short: string): LockClaim {
  return short.startsWith('~')
    ? { name: short.slice(1), mode: 'shared' }
    : { name: short, mode: 'exclusive' };
}

/** A node of the plan: number `id`, called `t<id>`, each of a family of its own. */
export function newNode(id: NodeId, { locks = [], ...wanted }: Wanted = {}): NewNode {
  return {
    id,
    name: `t${id}`,
    run: 1,
    family: `t${id}`,
    deps: [],
    locks: locks.map(claim),
    wave: 0,
    noFailures: false,
    needsSlot: true,
    weightMs: undefined,
    ...wanted,
  };
}

/** A plan of tasks 0, 1, 2, ... */
export function planOf(limits: Partial<PlanLimits>, wanted: readonly Wanted[]): Plan {
  const plan = emptyPlan({ slotCount: 9, capacities: new Map(), maxParked: 9, ...limits });
  addNodes(
    plan,
    wanted.map((each, id) => newNode(id, each)),
  );
  return plan;
}

/** Does all that can be done now; what starts runs. */
export function moveAll(plan: Plan): Move[] {
  const moves: Move[] = [];
  for (let move = nextMove(plan); move !== undefined; move = nextMove(plan)) {
    if (move.kind === 'start') record(plan, move.id, started);
    moves.push(move);
  }
  return moves;
}

/** Starts all that can start now; resumes what can resume. */
export function startAll(plan: Plan): NodeId[] {
  return moveAll(plan).map(({ id }) => id);
}
