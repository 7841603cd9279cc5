import type { Waiting } from '../model/blocker.ts';
import { isAction } from '../model/node.ts';
import { hasEnded } from '../model/state.ts';
import { blockersOf } from '../plan/blockers.ts';
import type { Plan } from '../plan/plan.ts';
import type { Entries } from './entries.ts';
import { unmarked } from './task-locks.ts';

const mostLooks = 500;

/**
 * Tasks that do not go on, and why: up to `limit`, those that wait for more than deps and a slot
 * before others. Of a long queue only the head is looked at.
 */
export function waitingTasks(entries: Entries, plan: Plan, limit: number): Waiting[] {
  const found: Waiting[] = [];
  const onlyDeps: Waiting[] = [];
  let looks = 0;
  for (const [id, { node, run, isOutdated }] of entries.all()) {
    const state = entries.stateOf(run, node.name);
    if (state === undefined || hasEnded(state) || isOutdated || !isAction(node)) continue;
    if (++looks > mostLooks || found.length === limit) break;
    const blockers = blockersOf(id, plan);
    if (blockers.length === 0 || blockers.every(({ kind }) => kind === 'slot')) continue;
    const isOrdinary = blockers.some(({ kind }) => kind === 'dep');
    (isOrdinary ? onlyDeps : found).push({ task: node.name, blockers: blockers.map(unmarked) });
  }
  return [...found, ...onlyDeps].slice(0, limit);
}
