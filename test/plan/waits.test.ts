import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockersOf } from '../../lib/plan/blockers.ts';
import { addNodes } from '../../lib/plan/grow.ts';
import { record } from '../../lib/plan/record.ts';
import { park, stalledWaits, waitProblem, wantResume } from '../../lib/plan/waits.ts';
import { cancelled, failed, moveAll, newNode, planOf, startAll, succeeded } from './plan-rig.ts';

test('a waiting task gives its slot to others and comes before them when it goes on', () => {
  const plan = planOf({ slotCount: 1 }, [{}, {}, {}]);
  assert.deepEqual(startAll(plan), [0]);
  park(plan, 0, [1]);
  assert.deepEqual(blockersOf(0, plan), [{ kind: 'wait', task: 't1' }]);
  assert.deepEqual(startAll(plan), [1]);
  wantResume(plan, 0);
  assert.deepEqual(blockersOf(0, plan), [{ kind: 'slot' }]);
  record(plan, 1, succeeded);
  assert.deepEqual(moveAll(plan), [{ kind: 'resume', id: 0 }]);
});

test('a waiting task keeps its locks', () => {
  const plan = planOf({}, [{ locks: ['a'] }, { locks: ['a'] }, {}]);
  startAll(plan);
  park(plan, 0, [2]);
  assert.deepEqual(startAll(plan), []);
  assert.deepEqual(blockersOf(1, plan), [{ kind: 'lock', lock: 'a', task: 't0' }]);
});

test('a pause is no wait for others', () => {
  const plan = planOf({ slotCount: 1, maxParked: 1 }, [{}, {}]);
  startAll(plan);
  park(plan, 0, []);
  assert.deepEqual(blockersOf(0, plan), [{ kind: 'pause' }]);
  startAll(plan);
  assert.equal(waitProblem(plan, 1, [0]), undefined);
  park(plan, 1, [0]);
  assert.deepEqual(stalledWaits(plan), []);
});

test('a task cannot wait for itself', () => {
  const plan = planOf({}, [{}]);
  startAll(plan);
  const path = [{ from: 0, to: 0, because: 'waits' }];
  assert.deepEqual(waitProblem(plan, 0, [0]), { kind: 'cycle', path });
});

test('a task cannot wait for what needs it', () => {
  const plan = planOf({}, [{}, { deps: [0] }, { deps: [1] }]);
  startAll(plan);
  const path = [
    { from: 0, to: 2, because: 'waits' },
    { from: 2, to: 1, because: 'dep' },
    { from: 1, to: 0, because: 'dep' },
  ];
  assert.deepEqual(waitProblem(plan, 0, [2]), { kind: 'cycle', path });
});

test('a task cannot wait for one that needs its lock, nor for one that is behind that', () => {
  const plan = planOf({}, [{ locks: ['a'] }, { locks: ['a', 'b'] }, { locks: ['b'] }]);
  startAll(plan);
  const path = [
    { from: 0, to: 2, because: 'waits' },
    { from: 2, to: 1, because: { lock: 'b' } },
    { from: 1, to: 0, because: { lock: 'a' } },
  ];
  assert.deepEqual(waitProblem(plan, 0, [2]), { kind: 'cycle', path });
});

test('of a lock with a capacity, only the last holder that could leave must not wait', () => {
  const locks = ['net'];
  const capacities = new Map([['net', 2]]);
  const plan = planOf({ capacities }, [{ locks }, { locks }, { locks }]);
  startAll(plan);
  assert.equal(waitProblem(plan, 0, [2]), undefined);
  park(plan, 0, [2]);
  const path = [
    { from: 1, to: 2, because: 'waits' },
    { from: 2, to: 1, because: { lock: 'net' } },
  ];
  assert.deepEqual(waitProblem(plan, 1, [2]), { kind: 'cycle', path });
});

test('a task cannot wait for a higher wave', () => {
  const plan = planOf({}, [{}, { wave: 1 }, { wave: 2 }]);
  startAll(plan);
  const path = [
    { from: 0, to: 2, because: 'waits' },
    { from: 2, to: 0, because: 'wave' },
  ];
  assert.deepEqual(waitProblem(plan, 0, [2]), { kind: 'cycle', path });
});

test('two tasks cannot wait for each other', () => {
  const plan = planOf({}, [{}, {}]);
  startAll(plan);
  park(plan, 0, [1]);
  const path = [
    { from: 1, to: 0, because: 'waits' },
    { from: 0, to: 1, because: 'waits' },
  ];
  assert.deepEqual(waitProblem(plan, 1, [0]), { kind: 'cycle', path });
});

test('a NO_FAILURES task does not wait for what waits for it', () => {
  const plan = planOf({}, [{}, { noFailures: true }, { deps: [1] }]);
  startAll(plan);
  assert.equal(waitProblem(plan, 0, [2]), undefined);
  park(plan, 0, [2]);
  assert.deepEqual(startAll(plan), [1]);
});

test('a wait can be what a NO_FAILURES task has waited for: it fails then if something has', () => {
  const plan = planOf({}, [{}, { noFailures: true }, {}]);
  startAll(plan);
  record(plan, 2, failed);
  const event = { kind: 'dependency-failed', cause: 't2' };
  assert.deepEqual(park(plan, 0, [1]), [{ id: 1, event }]);
});

test('no more tasks wait from inside than maxParked', () => {
  const plan = planOf({ slotCount: 2, maxParked: 1 }, [{}, {}, {}]);
  startAll(plan);
  park(plan, 0, [2]);
  assert.deepEqual(waitProblem(plan, 1, [2]), { kind: 'too-many-parked', limit: 1 });
  assert.equal(waitProblem(plan, 0, [2]), undefined);
});

test('a wait that gets stuck later is found when nothing moves any more', () => {
  const plan = planOf({}, [{ locks: ['a'] }, {}]);
  startAll(plan);
  park(plan, 0, [1]);
  assert.deepEqual(stalledWaits(plan), []);
  addNodes(plan, [newNode(2, { locks: ['a'] })]);
  park(plan, 1, [2]);
  assert.deepEqual(stalledWaits(plan), [0, 1]);
  record(plan, 1, failed);
  assert.deepEqual(stalledWaits(plan), []);
});

test('what has failed with another dep does not hold up the NO_FAILURES task that its dep waits for', () => {
  const plan = planOf({}, [{}, { noFailures: true }, {}, { deps: [0, 2] }]);
  startAll(plan);
  park(plan, 0, [1]);
  assert.deepEqual(record(plan, 2, cancelled), [{ id: 3, event: cancelled }]);
  assert.deepEqual(startAll(plan), [1]);
});

test('when a waiter ends, a NO_FAILURES task waits for what needed the waiter', () => {
  const plan = planOf({ slotCount: 1 }, [{}, { noFailures: true, run: 2 }, { run: 2 }]);
  startAll(plan);
  addNodes(plan, [newNode(3, { run: 2, deps: [2] })]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), [2]);
  park(plan, 2, [1]);
  assert.deepEqual(blockersOf(1, plan), []);
  record(plan, 2, succeeded);
  assert.deepEqual(blockersOf(1, plan), [{ kind: 'no-failures', count: 1, tasks: ['t3'] }]);
  assert.deepEqual(startAll(plan), [3]);
});
