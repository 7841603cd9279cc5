import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskNode } from '../../lib/model/node.ts';
import { runInProcess } from '../../lib/run/run-in-process.ts';
import { define, nodeOf as nodeFor } from '../graph/catalog.ts';
import { noHooks, noTerms, requestOf } from '../pool/test-pool.ts';
import { FakeClock } from '../rig/fake-clock.ts';

function nodeOf(run: () => unknown): TaskNode {
  const definition = define('task', { inProcess: true, action: { kind: 'action', run } });
  return nodeFor(definition);
}

const terms = { ...noTerms, limitMs: 100 };

test('a task in this process has failed once its limit has passed, not before', async () => {
  const clock = new FakeClock();
  const outcomes: string[] = [];
  const never = new Promise(() => undefined);
  const running = runInProcess(
    nodeOf(() => never),
    requestOf('task'),
    terms,
    noHooks,
    clock,
  ).then(({ outcome }) => {
    outcomes.push(outcome.kind);
    return outcome;
  });
  clock.advance(99);
  await Promise.resolve();
  assert.deepEqual(outcomes, []);
  clock.advance(1);
  assert.deepEqual(await running, {
    kind: 'failed',
    failure: { reason: 'timed-out', limitMs: 100 },
  });
});

test('a task in this process that ends in time leaves no timer behind', async () => {
  const clock = new FakeClock();
  const { outcome } = await runInProcess(
    nodeOf(() => 7),
    requestOf('task'),
    terms,
    noHooks,
    clock,
  );
  assert.deepEqual(outcome, { kind: 'succeeded', value: 7 });
  assert.equal(clock.pending, 0);
});
