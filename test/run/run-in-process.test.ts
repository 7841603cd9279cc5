import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskNode } from '../../lib/model/node.ts';
import { runInProcess } from '../../lib/run/run-in-process.ts';
import { define } from '../graph/catalog.ts';
import { FakeClock } from '../rig/fake-clock.ts';

function nodeOf(run: () => unknown): TaskNode {
  const definition = define('task', { inProcess: true, action: { kind: 'action', run } });
  const { name } = definition;
  const empty = { rawArgs: {}, args: {}, deps: [], locks: [], inputs: [], ignore: [], outputs: [] };
  return { kind: 'task', name, definition, ...empty };
}

const request = {
  task: 'task',
  definition: 'task',
  rawArgs: {},
  results: new Map(),
  inputs: [],
  outputs: [],
};

test('a task in this process has failed once its limit has passed, not before', async () => {
  const clock = new FakeClock();
  const outcomes: string[] = [];
  const never = new Promise(() => undefined);
  const running = runInProcess(
    nodeOf(() => never),
    request,
    100,
    clock.after,
  ).then((outcome) => {
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
  const outcome = await runInProcess(
    nodeOf(() => 7),
    request,
    100,
    clock.after,
  );
  assert.deepEqual(outcome, { kind: 'succeeded', value: 7 });
  assert.equal(clock.pending, 0);
});
