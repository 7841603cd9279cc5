import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskContext } from '../../lib/model/context.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { runInProcess } from '../../lib/run/run-in-process.ts';
import { define, nodeOf as nodeFor } from '../graph/catalog.ts';
import { noHooks, noTerms, requestOf } from '../pool/test-pool.ts';
import { FakeClock } from '../rig/fake-clock.ts';

function nodeOf(run: () => unknown): TaskNode {
  const definition = define('task', { inProcess: true, action: { kind: 'action', run } });
  return nodeFor(definition);
}

/** Something that happens once. */
class Signal {
  raise: () => void = () => undefined;
  readonly raised = new Promise<void>((resolve) => {
    this.raise = resolve;
  });
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

test('clocks stand still while the task waits for an answer to a pause', async () => {
  const clock = new FakeClock();
  const asked = new Signal();
  let answer = (): void => undefined;
  const onCall = (): Promise<unknown> =>
    new Promise((resolve) => {
      answer = () => resolve(new Map([['b', 2]]));
      asked.raise();
    });
  const running = runInProcess(
    nodeOf((async (ctx: TaskContext) => (await ctx.wait('b'))['b']) as () => unknown),
    requestOf('task'),
    terms,
    { ...noHooks, onCall },
    clock,
  );
  clock.advance(99);
  await asked.raised;
  clock.advance(10_000);
  answer();
  assert.deepEqual((await running).outcome, { kind: 'succeeded', value: 2 });
  assert.equal(clock.pending, 0);
});

test('past the soft limit the task is told why, and may still end by itself', async () => {
  const clock = new FakeClock();
  const begun = new Signal();
  const running = runInProcess(
    nodeOf(
      (({ signal }: TaskContext) =>
        new Promise((resolve) => {
          begun.raise();
          signal.addEventListener('abort', () => resolve((signal.reason as Error).name));
        })) as () => unknown,
    ),
    requestOf('task'),
    { ...terms, softLimitMs: 50 },
    noHooks,
    clock,
  );
  await begun.raised;
  clock.advance(50);
  assert.deepEqual((await running).outcome, { kind: 'succeeded', value: 'SoftTimeLimitExceeded' });
});

test('a task in this process that is cancelled is told so and has ended', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const begun = new Signal();
  let told = false;
  const running = runInProcess(
    nodeOf((({ signal }: TaskContext) => {
      signal.addEventListener('abort', () => {
        told = true;
      });
      begun.raise();
      return new Promise(() => undefined);
    }) as () => unknown),
    requestOf('task'),
    { ...terms, signal: stop.signal },
    noHooks,
    clock,
  );
  await begun.raised;
  stop.abort();
  assert.deepEqual((await running).outcome, { kind: 'cancelled' });
  assert.equal(told, true);
});
