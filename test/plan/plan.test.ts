import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskEvent } from '../../lib/model/state.ts';
import { type Blocker, blockersOf } from '../../lib/plan/blockers.ts';
import {
  addNodes,
  emptyPlan,
  nextToStart,
  nodeOf,
  type Plan,
  record,
} from '../../lib/plan/plan.ts';

interface Wanted {
  readonly deps?: readonly number[];
  readonly locks?: readonly string[];
  readonly family?: string;
}

const started: TaskEvent = { kind: 'started', at: 0, reasons: [] };
const succeeded: TaskEvent = { kind: 'succeeded', at: 1 };
const failed: TaskEvent = { kind: 'failed', at: 1, failure: { reason: 'never-completed' } };

/** A plan of tasks 0, 1, 2, ... */
function planOf(slotCount: number, wanted: readonly Wanted[]): Plan {
  const plan = emptyPlan(slotCount);
  addNodes(
    plan,
    wanted.map(({ deps = [], locks = [], family }, id) => ({
      id,
      name: `t${id}`,
      family: family ?? `t${id}`,
      deps,
      locks,
      needsSlot: true,
    })),
  );
  return plan;
}

/** Starts all that can start now. */
function startAll(plan: Plan): number[] {
  const ids: number[] = [];
  for (let id = nextToStart(plan); id !== undefined; id = nextToStart(plan)) {
    record(plan, id, started);
    ids.push(id);
  }
  return ids;
}

test('a task starts only when all its deps have succeeded', () => {
  const plan = planOf(9, [{}, {}, { deps: [0, 1] }]);
  assert.deepEqual(startAll(plan), [0, 1]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), []);
  assert.deepEqual(blockersOf(2, plan), [{ kind: 'dep', task: 't1' }] satisfies Blocker[]);
  record(plan, 1, succeeded);
  assert.deepEqual(startAll(plan), [2]);
});

test('no more tasks run than there are slots', () => {
  const plan = planOf(2, [{}, {}, {}]);
  assert.deepEqual(startAll(plan), [0, 1]);
  assert.deepEqual(blockersOf(2, plan), [{ kind: 'slot' }] satisfies Blocker[]);
  record(plan, 1, failed);
  assert.deepEqual(startAll(plan), [2]);
});

test('two tasks that want the same lock never start together', () => {
  const plan = planOf(9, [{ locks: ['db'] }, { locks: ['db'] }, {}]);
  assert.deepEqual(startAll(plan), [0, 2]);
  assert.deepEqual(blockersOf(1, plan), [{ kind: 'lock', lock: 'db', task: 't0' }]);
  record(plan, 0, failed);
  assert.deepEqual(startAll(plan), [1]);
});

test('a task that wants several locks is not overtaken for ever', () => {
  const plan = planOf(9, [{ locks: ['a'] }, { locks: ['a', 'b'] }, { locks: ['b'] }]);
  assert.deepEqual(startAll(plan), [0]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), [1]);
  record(plan, 1, succeeded);
  assert.deepEqual(startAll(plan), [2]);
});

test('what needs a failed task does not run, and names the root cause at once', () => {
  const plan = planOf(9, [{}, { deps: [0, 3] }, { deps: [1] }, {}]);
  startAll(plan);
  const event: TaskEvent = { kind: 'dependency-failed', cause: 't0' };
  assert.deepEqual(record(plan, 0, failed), [
    { id: 1, event },
    { id: 2, event },
  ]);
  assert.equal(nodeOf(plan, 3).state.kind, 'running');
});

test('a task that joins after its dep failed does not run', () => {
  const plan = planOf(9, [{}]);
  startAll(plan);
  record(plan, 0, failed);
  const late = { id: 7, name: 't7', family: 't7', deps: [0], locks: [], needsSlot: true };
  assert.deepEqual(addNodes(plan, [late]), [
    { id: 7, event: { kind: 'dependency-failed', cause: 't0' } },
  ]);
});

test('of several families that can start, one of which nothing runs comes first', () => {
  const family = 'styles::[env]';
  const plan = planOf(2, [{ family }, { family }, { family: 'scripts' }]);
  assert.deepEqual(startAll(plan), [0, 2]);
});

test('a chain of 100,000 tasks fails without recursion', () => {
  const plan = planOf(
    1,
    Array.from({ length: 100_000 }, (_, i) => (i ? { deps: [i - 1] } : {})),
  );
  startAll(plan);
  assert.equal(record(plan, 0, failed).length, 99_999);
});
