import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { TaskCache } from '../../lib/cache/task-cache.ts';
import { type Holder, WorkspaceLock } from '../../lib/cache/workspace-lock.ts';
import { Scene, successOf } from './scene.ts';

const file = '.parproc/cache.sqlite';
const copy = `${file}-copy`;
const snapshot = `${file}-snapshot`;

function lockOf(path: string, waited: (holder?: Holder) => void = () => undefined): WorkspaceLock {
  return new WorkspaceLock({
    file: `${path}.lock`,
    self: () => ({ token: `test-${Math.random()}`, pid: process.pid, command: 'test' }),
    ancestors: [],
    after: (ms, run) => setTimeout(run, ms),
    onWait: waited,
  });
}

/** A cache as a build has it: with a lock, and nothing read so far. */
function cacheIn(scene: Scene): TaskCache {
  return TaskCache.closed({ ...scene.options(), lock: (path) => lockOf(path) });
}

/** One build in which the task runs, unless it is up to date. */
async function built(scene: Scene, value?: unknown): Promise<void> {
  const cache = cacheIn(scene);
  await cache.enter();
  const node = scene.node();
  const verdict = cache.check(node, new Map(), false);
  if (verdict.kind === 'stale') {
    await cache.begin(node);
    cache.finish(node, successOf(verdict.observation, value));
  }
  await cache.leave();
  await cache.close();
}

/** Whether there is a copy, and records are to be had from it. */
async function canPeek(scene: Scene): Promise<boolean> {
  const cache = cacheIn(scene);
  const can = (await cache.peek()) && cache.glance(false) !== undefined && cache.isAsPeeked;
  await cache.close();
  return can;
}

test('what a build has left is seen at once by the next, which writes nothing', async () => {
  using scene = new Scene();
  assert.equal(await canPeek(scene), false);
  await built(scene);
  const before = statSync(scene.at(file)).mtimeMs;
  const cache = cacheIn(scene);
  assert.equal(await cache.peek(), true);
  assert.equal(cache.check(scene.node(), new Map(), false).kind, 'fresh');
  assert.equal(cache.isAsPeeked, true);
  await cache.leave();
  await cache.close();
  assert.equal(statSync(scene.at(file)).mtimeMs, before);
  assert.equal(await canPeek(scene), true);
});

test('results of any length are in the copy, and what was recorded beside the snapshot', async () => {
  using scene = new Scene();
  for (const value of ['x'.repeat(10_000), 'short', 'y'.repeat(10_000)]) {
    await built(scene, value);
    const cache = cacheIn(scene);
    assert.equal(await cache.peek(), true);
    const verdict = cache.check(scene.node(), new Map(), false);
    assert.deepEqual(verdict.kind === 'fresh' && verdict.outcome.value, value);
    assert.equal(cache.isAsPeeked, true);
    await cache.close();
    scene.write('in.txt', value);
  }
});

const changes: readonly [string, (scene: Scene) => void][] = [
  ['gone', (scene) => rmSync(scene.at(file))],
  ['shorter', (scene) => truncateSync(scene.at(file), 100)],
  ['longer', (scene) => appendFileSync(scene.at(file), 'x')],
  [
    'another file',
    (scene) => {
      copyFileSync(scene.at(file), scene.at('x'));
      rmSync(scene.at(file));
      copyFileSync(scene.at('x'), scene.at(file));
    },
  ],
  ['one that others may write to', (scene) => chmodSync(scene.at(file), 0o666)],
];

for (const [what, change] of changes) {
  test(`a copy does not count if the store is ${what}`, async () => {
    using scene = new Scene();
    await built(scene);
    change(scene);
    assert.equal(await canPeek(scene), false);
  });
}

test('a copy of which a bit is wrong does not count, nor one that is cut short', async () => {
  using scene = new Scene();
  await built(scene);
  for (const name of [copy, snapshot]) {
    const whole = readFileSync(scene.at(name));
    for (let at = 0; at < whole.length; at += 7) {
      const wrong = Buffer.from(whole);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      writeFileSync(scene.at(name), wrong);
      assert.equal(await canPeek(scene), false, `${name} at ${at}`);
      writeFileSync(scene.at(name), whole.subarray(0, at));
      assert.equal(await canPeek(scene), false, `${name} up to ${at}`);
    }
    writeFileSync(scene.at(name), whole);
    assert.equal(await canPeek(scene), true);
  }
});

test('a copy that others may write to does not count', async () => {
  using scene = new Scene();
  await built(scene);
  for (const name of [copy, snapshot]) {
    chmodSync(scene.at(name), 0o622);
    assert.equal(await canPeek(scene), false);
    chmodSync(scene.at(name), 0o600);
  }
});

test('whoever writes takes the copy away first: a build that is cut short leaves none', async () => {
  using scene = new Scene();
  await built(scene);
  const cut = cacheIn(scene);
  assert.equal(await cut.peek(), true);
  await cut.enter();
  await cut.begin(scene.node());
  assert.ok(!existsSync(scene.at(copy)));
  assert.equal(await canPeek(scene), false);
  // Nobody else has the lock, so that this stands for a process that was killed.
  rmSync(scene.at(`${file}.lock-holder`));
  assert.equal(await canPeek(scene), false);
  await cut.close();
});

test('nothing is peeked at while another build is under way, and one that comes meanwhile is noticed', async () => {
  using scene = new Scene();
  await built(scene);
  const peeking = cacheIn(scene);
  assert.equal(await peeking.peek(), true);
  const other = lockOf(scene.at(file));
  await other.enter();
  assert.equal(peeking.isAsPeeked, false);
  assert.equal(await canPeek(scene), false);
  await other.leave();
  await other.close();
  assert.equal(peeking.isAsPeeked, true);
  scene.write('in.txt', 'two');
  await built(scene);
  assert.equal(peeking.isAsPeeked, false);
  await peeking.enter();
  assert.equal(peeking.isAsPeeked, false);
  assert.equal(peeking.check(scene.node(), new Map(), false).kind, 'fresh');
  await peeking.leave();
  await peeking.close();
});

test('what was peeked at need not be read again by whoever keeps others out then', async () => {
  using scene = new Scene();
  await built(scene);
  const cache = cacheIn(scene);
  await cache.peek();
  await cache.enter();
  assert.equal(cache.isAsPeeked, true);
  const { observation } = cache.check(scene.node(), new Map(), true);
  await cache.begin(scene.node());
  cache.finish(scene.node(), successOf(observation, 'new'));
  await cache.leave();
  await cache.close();
  const next = cacheIn(scene);
  assert.equal(await next.peek(), true);
  const verdict = next.check(scene.node(), new Map(), false);
  assert.equal(verdict.kind === 'fresh' && verdict.outcome.value, 'new');
  await next.close();
});

test('a copy that is damaged once the store is open costs no record of a task that was not asked for', async () => {
  using scene = new Scene();
  await built(scene);
  const cache = cacheIn(scene);
  assert.equal(await cache.peek(), true);
  await cache.enter();
  writeFileSync(scene.at(snapshot), 'damaged');
  const long = scene.node({ name: 'long' });
  const { observation } = cache.check(long, new Map(), false);
  // So long a record that all are written anew in one piece.
  cache.finish(long, successOf(observation, 'long '.repeat(50_000)));
  await cache.leave();
  await cache.close();
  assert.deepEqual(await scene.reasons(scene.node()), []);
});

test('what has to be noted is not: all is looked at again by whoever keeps others out', async () => {
  using scene = new Scene();
  await built(scene);
  scene.write('in.txt', 'one');
  const cache = cacheIn(scene);
  assert.equal(await cache.peek(), true);
  assert.equal(cache.check(scene.node(), new Map(), false).kind, 'fresh');
  assert.equal(cache.isAsPeeked, false);
  await cache.enter();
  assert.equal(cache.isAsPeeked, false);
  assert.equal(cache.check(scene.node(), new Map(), false).kind, 'fresh');
  await cache.leave();
  await cache.close();
  const next = cacheIn(scene);
  assert.equal(await next.peek(), true);
  assert.equal(next.check(scene.node(), new Map(), false).kind, 'fresh');
  assert.equal(next.isAsPeeked, true);
  await next.close();
});
