import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Blocker } from '../../lib/model/blocker.ts';
import type { TaskEvent } from '../../lib/model/state.ts';
import { blockersOf } from '../../lib/plan/blockers.ts';
import { addDeps, addNodes } from '../../lib/plan/grow.ts';
import { failureIn, nodeOf, type Plan, removeNodes, unstarted } from '../../lib/plan/plan.ts';
import { record } from '../../lib/plan/record.ts';
import { cancelled, failed, newNode, planOf, skipped, startAll, succeeded } from './plan-rig.ts';

function dependencyFailed(cause: string): TaskEvent {
  return { kind: 'dependency-failed', cause };
}

function blockers(id: number, plan: Plan): Blocker[] {
  return blockersOf(id, plan);
}

test('a task starts only when all its deps have succeeded', () => {
  const plan = planOf({}, [{}, {}, { deps: [0, 1] }]);
  assert.deepEqual(startAll(plan), [0, 1]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), []);
  assert.deepEqual(blockers(2, plan), [{ kind: 'dep', task: 't1' }]);
  record(plan, 1, skipped);
  assert.deepEqual(startAll(plan), [2]);
});

test('no more tasks run than there are slots', () => {
  const plan = planOf({ slotCount: 2 }, [{}, {}, {}]);
  assert.deepEqual(startAll(plan), [0, 1]);
  assert.deepEqual(blockers(2, plan), [{ kind: 'slot' }]);
  record(plan, 1, failed);
  assert.deepEqual(startAll(plan), [2]);
});

test('what needs no slot starts at once, before all', () => {
  const plan = planOf({ slotCount: 1 }, [{ weightMs: 9 }, {}, { needsSlot: false }]);
  assert.deepEqual(startAll(plan), [2, 0]);
});

test('two tasks that want the same lock never start together', () => {
  const plan = planOf({}, [{ locks: ['db'] }, { locks: ['db'] }, {}]);
  assert.deepEqual(startAll(plan), [0, 2]);
  assert.deepEqual(blockers(1, plan), [{ kind: 'lock', lock: 'db', task: 't0' }]);
  record(plan, 0, failed);
  assert.deepEqual(startAll(plan), [1]);
});

test('a task that wants several locks is not overtaken for ever', () => {
  const plan = planOf({}, [{ locks: ['a'] }, { locks: ['a', 'b'] }, { locks: ['b'] }]);
  assert.deepEqual(startAll(plan), [0]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), [1]);
  record(plan, 1, succeeded);
  assert.deepEqual(startAll(plan), [2]);
});

test('readers hold a lock together, and do not overtake a writer that came before', () => {
  const plan = planOf({}, [
    { locks: ['~a'] },
    { locks: ['~a'] },
    { locks: ['a'] },
    { locks: ['~a'] },
  ]);
  assert.deepEqual(startAll(plan), [0, 1]);
  assert.deepEqual(blockers(3, plan), [{ kind: 'lock', lock: 'a', task: 't2' }]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), []);
  assert.deepEqual(blockers(2, plan), [{ kind: 'lock', lock: 'a', task: 't1' }]);
  record(plan, 1, succeeded);
  assert.deepEqual(startAll(plan), [2]);
  record(plan, 2, succeeded);
  assert.deepEqual(startAll(plan), [3]);
});

test('a lock lets in as many as its capacity says', () => {
  const locks = ['net'];
  const plan = planOf({ capacities: new Map([['net', 2]]) }, [{ locks }, { locks }, { locks }]);
  assert.deepEqual(startAll(plan), [0, 1]);
  assert.deepEqual(blockers(2, plan), [{ kind: 'lock', lock: 'net', task: 't0' }]);
  record(plan, 1, succeeded);
  assert.deepEqual(startAll(plan), [2]);
});

test('a higher wave waits until the lower one of its run is over, failed or not', () => {
  const plan = planOf({}, [{}, {}, { wave: 1 }, { wave: 1, run: 2 }, { wave: undefined }]);
  assert.deepEqual(startAll(plan), [0, 1, 3, 4]);
  const wait = { kind: 'wave', wave: 0, count: 2, tasks: ['t0', 't1'] } as const;
  assert.deepEqual(blockers(2, plan), [wait]);
  record(plan, 0, failed);
  assert.deepEqual(blockers(2, plan), [{ ...wait, count: 1, tasks: ['t1'] }]);
  record(plan, 1, cancelled);
  assert.deepEqual(startAll(plan), [2]);
});

test('a lower wave that comes late closes the higher one, which gives up its locks', () => {
  const plan = planOf({ slotCount: 1 }, [{ wave: 1 }, { wave: 1, locks: ['a'] }]);
  assert.deepEqual(startAll(plan), [0]);
  addNodes(plan, [newNode(2, { locks: ['a'] })]);
  const wave: Blocker = { kind: 'wave', wave: 0, count: 1, tasks: ['t2'] };
  const lock: Blocker = { kind: 'lock', lock: 'a', task: 't2' };
  assert.deepEqual(blockers(1, plan), [wave, lock, { kind: 'slot' }]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), [2]);
  record(plan, 2, succeeded);
  assert.deepEqual(startAll(plan), [1]);
});

test('with NO_FAILURES a task waits for the rest of its wave, but not for what depends on it', () => {
  const plan = planOf({}, [{ noFailures: true }, {}, { deps: [0] }, { wave: 1 }, { run: 2 }]);
  assert.deepEqual(startAll(plan), [1, 4]);
  assert.deepEqual(blockers(0, plan), [{ kind: 'no-failures', count: 1, tasks: ['t1'] }]);
  record(plan, 1, succeeded);
  assert.deepEqual(startAll(plan), [0]);
});

test('NO_FAILURES tasks do not wait for each other, and none starts after one has failed', () => {
  const plan = planOf({ slotCount: 1 }, [{ noFailures: true }, { noFailures: true }]);
  assert.deepEqual(startAll(plan), [0]);
  assert.deepEqual(blockers(1, plan), [{ kind: 'slot' }]);
  assert.deepEqual(record(plan, 0, failed), [{ id: 1, event: dependencyFailed('t0') }]);
});

test('a NO_FAILURES task fails after the rest has ended, naming the first failure', () => {
  const plan = planOf({}, [{ noFailures: true }, {}, {}, { deps: [0] }]);
  startAll(plan);
  assert.deepEqual(record(plan, 2, failed), []);
  assert.equal(failureIn(plan, 1), 2);
  const event = dependencyFailed('t2');
  assert.deepEqual(record(plan, 1, failed), [
    { id: 0, event },
    { id: 3, event },
  ]);
});

test('a NO_FAILURES task waits for what runs, also when a task that will need it has lost a dependant', () => {
  const wanted = [{ locks: ['L'] }, {}, { locks: ['L'] }, { deps: [2, 1] }, { noFailures: true }];
  const plan = planOf({}, wanted);
  assert.deepEqual(startAll(plan).sort(), [0, 1]);
  record(plan, 1, failed);
  assert.deepEqual(addDeps(plan, [{ target: 2, dep: 4 }]), []);
  assert.deepEqual(record(plan, 0, succeeded), [
    { id: 4, event: dependencyFailed('t1') },
    { id: 2, event: dependencyFailed('t1') },
  ]);
});

test('a NO_FAILURES task waits again when something is added before it starts', () => {
  const plan = planOf({ slotCount: 1 }, [{ run: 2 }, { noFailures: true }]);
  startAll(plan);
  addNodes(plan, [newNode(2)]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), [2]);
  assert.deepEqual(record(plan, 2, failed), [{ id: 1, event: dependencyFailed('t2') }]);
});

test('the longest remaining path starts first', () => {
  const weights = [{ weightMs: 5 }, { weightMs: 1 }, { weightMs: 6, deps: [1] }, { weightMs: 6 }];
  assert.deepEqual(startAll(planOf({ slotCount: 1 }, weights)), [1]);
});

test('a task rises when something is added that needs it, however indirectly', () => {
  const plan = planOf({ slotCount: 1 }, [
    { weightMs: 5 },
    { weightMs: 1 },
    { deps: [1], weightMs: 1 },
  ]);
  addNodes(plan, [newNode(3, { deps: [2], weightMs: 9 })]);
  assert.deepEqual(startAll(plan), [1]);
});

test('where nothing is known of a task, it weighs as much as the others do on average', () => {
  const plan = planOf({ slotCount: 1 }, [{ weightMs: 2 }, {}, { weightMs: 6 }, { weightMs: 3 }]);
  const order = [2, 1, 3, 0].map((id) => {
    assert.deepEqual(startAll(plan), [id]);
    record(plan, id, succeeded);
    return id;
  });
  assert.equal(order.length, 4);
});

test('of equal tasks, one of whose family nothing runs comes first', () => {
  const family = 'styles::[env]';
  const plan = planOf({ slotCount: 2 }, [{ family }, { family }, { family: 'scripts' }]);
  assert.deepEqual(startAll(plan), [0, 2]);
});

test('a task that waited for its lock keeps its place before what came later', () => {
  const plan = planOf({ slotCount: 1 }, [{ locks: ['a'] }, { locks: ['a'] }, {}]);
  for (const id of [0, 1, 2]) {
    assert.deepEqual(startAll(plan), [id]);
    record(plan, id, succeeded);
  }
});

test('what needs a failed task does not run, and names the root cause at once', () => {
  const plan = planOf({}, [{}, { deps: [0, 3] }, { deps: [1] }, {}]);
  startAll(plan);
  const event = dependencyFailed('t0');
  assert.deepEqual(record(plan, 0, failed), [
    { id: 1, event },
    { id: 2, event },
  ]);
  assert.equal(nodeOf(plan, 3).state.kind, 'running');
});

test('what needs a cancelled task is cancelled', () => {
  const plan = planOf({}, [{}, { deps: [0] }, { deps: [1] }]);
  assert.deepEqual(record(plan, 0, cancelled), [
    { id: 1, event: cancelled },
    { id: 2, event: cancelled },
  ]);
});

test('a task that joins after its dep failed does not run', () => {
  const plan = planOf({}, [{}]);
  startAll(plan);
  record(plan, 0, failed);
  const late = [newNode(7, { deps: [0] }), newNode(8, { deps: [7] })];
  const event = dependencyFailed('t0');
  assert.deepEqual(addNodes(plan, late), [
    { id: 7, event },
    { id: 8, event },
  ]);
});

test('a task that is ready waits again for a dep that is added, and gives up its locks', () => {
  const plan = planOf({ slotCount: 1 }, [{}, { locks: ['a'] }, { locks: ['a'], deps: [0] }]);
  startAll(plan);
  addDeps(plan, [
    { target: 1, dep: 2 },
    { target: 1, dep: 2 },
  ]);
  record(plan, 0, succeeded);
  assert.deepEqual(startAll(plan), [2]);
  record(plan, 2, succeeded);
  assert.deepEqual(startAll(plan), [1]);
});

test('a dep that is added and has failed fails its target', () => {
  const plan = planOf({ slotCount: 1 }, [{}, {}]);
  startAll(plan);
  record(plan, 0, failed);
  const changes = addDeps(plan, [{ target: 1, dep: 0 }]);
  assert.deepEqual(changes, [{ id: 1, event: dependencyFailed('t0') }]);
});

test('a dep cannot be added to a task that has started', () => {
  const plan = planOf({ slotCount: 1 }, [{}, {}]);
  startAll(plan);
  assert.throws(() => addDeps(plan, [{ target: 0, dep: 1 }]), /Internal error: t0 is past/);
});

test('unstarted are those that are wanted and not in hand, of one run or all', () => {
  const plan = planOf({ slotCount: 1 }, [{}, {}, { run: 2 }]);
  startAll(plan);
  assert.deepEqual(unstarted(plan), [1, 2]);
  assert.deepEqual(unstarted(plan, 1), [1]);
});

test('a run is forgotten with its nodes, and only when they have ended', () => {
  const plan = planOf({}, [{}]);
  assert.throws(() => removeNodes(plan, [0]), /Internal error: t0 has not ended/);
  startAll(plan);
  record(plan, 0, failed);
  removeNodes(plan, [0]);
  assert.equal(failureIn(plan, 1), undefined);
});

const many = 100_000;

test('a chain of 100,000 tasks fails without recursion', () => {
  const chain = Array.from({ length: many }, (_, i) => (i ? { deps: [i - 1] } : {}));
  const plan = planOf({ slotCount: 1 }, chain);
  startAll(plan);
  assert.equal(record(plan, 0, failed).length, many - 1);
});

test('100,000 tasks behind one task fail together', () => {
  const fan = Array.from({ length: many }, (_, i) => (i ? { deps: [0] } : {}));
  const plan = planOf({ slotCount: 1 }, fan);
  startAll(plan);
  assert.equal(record(plan, 0, failed).length, many - 1);
});
