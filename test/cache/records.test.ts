import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskRecord } from '../../lib/cache/record.ts';
import { Records } from '../../lib/cache/records.ts';
import { encodeSnapshot, Snapshot } from '../../lib/cache/snapshot.ts';
import type { Store } from '../../lib/cache/store.ts';
import { Scene, successOf } from './scene.ts';

const dayMs = 86_400_000;

/** The records of a process, with what it finds defined. */
async function open(scene: Scene, defined: readonly string[] = []): Promise<Records> {
  const records = new Records({
    open: () => scene.openStore(),
    clock: () => scene.now,
    onTrouble: (error) => {
      throw error;
    },
    aside: { restore: () => undefined, takeText: () => undefined, isChanged: false },
    isDefined: (name) => defined.includes(name),
  });
  await records.open();
  return records;
}

/** A record such as the cache makes it. */
async function recordOf(scene: Scene, value?: unknown): Promise<TaskRecord> {
  const cache = await scene.open();
  const node = scene.node();
  const { observation } = cache.check(node, new Map([['dep', 'digest']]), false);
  cache.finish(node, successOf(observation, value));
  await cache.close();
  const records = await open(scene);
  const record = records.get('task');
  await records.close();
  assert.ok(record);
  return record;
}

async function textsIn(scene: Scene, use: (store: Store) => Promise<void>): Promise<void> {
  const store = await scene.openStore();
  await use(store);
  await store.close();
}

test('a snapshot gives back every part of every record', async () => {
  using scene = new Scene();
  for (const value of [undefined, null, 0, 'text', { deep: [1, { two: '2' }] }]) {
    const record = await recordOf(scene, value);
    const absent = { path: 'gone', ino: 0, size: 0, mtimeMs: 0, ctimeMs: 0 };
    const other = { ...record, inputs: [...record.inputs, absent], discovered: ['x'], deps: [] };
    const all = new Map([
      ['a::b', { record, usedAt: 1.5 }],
      ['"quoted" \\ \u{1f600}', { record: other, usedAt: 2 }],
    ]);
    const snapshot = Snapshot.decode(encodeSnapshot(all));
    assert.deepEqual([...(snapshot?.names() ?? [])], [...all.keys()]);
    for (const [name, kept] of all) assert.deepEqual(snapshot?.get(name), kept);
  }
});

test('a snapshot of which a bit is wrong is none', async () => {
  using scene = new Scene();
  const text = encodeSnapshot([['task', { record: await recordOf(scene), usedAt: 1 }]]);
  assert.ok(Snapshot.decode(text));
  for (let at = 0; at < text.length; at++) {
    const wrong = String.fromCharCode(text.charCodeAt(at) ^ 1);
    assert.equal(Snapshot.decode(text.slice(0, at) + wrong + text.slice(at + 1)), undefined);
  }
});

test('a run with nothing to do reads one text, and writes none', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const read: (readonly string[])[] = [];
  const records = new Records({
    open: async () => {
      const store = await scene.openStore();
      return {
        ...store,
        read(keys) {
          read.push(keys);
          return store.read(keys);
        },
        readAll: () => Promise.reject(new Error('all was read')),
        write: () => Promise.reject(new Error('something was written')),
      };
    },
    clock: () => scene.now,
    onTrouble: (error) => {
      throw error;
    },
    aside: { restore: () => undefined, takeText: () => undefined, isChanged: false },
    isDefined: () => true,
  });
  await records.open();
  assert.ok(records.get('task'));
  await records.close();
  assert.deepEqual(read, [['[head]', '[snapshot]', '[globs]', '[lineage]']]);
});

test('what was recorded after the snapshot counts, whether the process closed or not', async () => {
  using scene = new Scene();
  const record = await recordOf(scene);
  const first = await open(scene);
  first.put('task', { ...record, finished: false });
  await first.flush();
  const second = await open(scene);
  assert.equal(second.get('task')?.finished, false);
  await second.close();
  await first.close();
});

test('so many new records that the snapshot is outdated are all there after a crash', async () => {
  using scene = new Scene();
  const record = await recordOf(scene);
  const first = await open(scene);
  for (let i = 0; i < 250; i++) {
    first.put(`t${i}`, { ...record, outcome: `o${i}` });
    if (i % 50 === 0) await first.flush();
  }
  await first.flush();
  const second = await open(scene);
  for (let i = 0; i < 250; i++) assert.equal(second.get(`t${i}`)?.outcome, `o${i}`);
  assert.ok(second.get('task'));
  await second.close();
  await first.close();
});

test('of two processes that write without knowing of each other neither hides the other', async () => {
  using scene = new Scene();
  const record = await recordOf(scene);
  const [a, b] = [await open(scene), await open(scene)];
  for (const [records, name] of [
    [a, 'a'],
    [b, 'b'],
    [a, 'task'],
  ] as const) {
    records.put(name, { ...record, finished: false });
    await records.flush();
  }
  await b.close();
  await a.close();
  const after = await open(scene);
  for (const name of ['a', 'b', 'task']) assert.equal(after.get(name)?.finished, false);
  await after.close();
});

test('a long result is in its own record, and a task without that record has none', async () => {
  using scene = new Scene();
  const long = 'long '.repeat(2000);
  const record = await recordOf(scene, long);
  assert.equal(record.value, long);
  await textsIn(scene, async (store) => {
    assert.doesNotMatch(String((await store.read(['[snapshot]'])).get('[snapshot]')), /long long/);
    await store.remove(['task']);
  });
  const records = await open(scene);
  assert.equal(records.get('task'), undefined);
  await records.close();
});

test('the record of a task that can come about no more goes 30 days after its last use', async () => {
  using scene = new Scene();
  const record = await recordOf(scene);
  const first = await open(scene);
  for (const name of ['used', 'kept', 'gone']) first.put(name, record);
  await first.close();
  scene.now += 20 * dayMs;
  const second = await open(scene, ['kept']);
  assert.ok(second.get('used'));
  await second.close();
  scene.now += 11 * dayMs;
  const third = await open(scene, ['kept']);
  third.put('new', record);
  third.get('used');
  await third.close();
  const fourth = await open(scene);
  const there = ['used', 'kept', 'gone', 'new'].filter((name) => fourth.get(name) !== undefined);
  assert.deepEqual(there, ['used', 'kept', 'new']);
  await fourth.close();
  await textsIn(scene, async (store) => {
    assert.equal((await store.read(['gone'])).size, 0);
  });
});
