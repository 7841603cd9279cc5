import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyvSqlite } from '@keyv/sqlite';
import Keyv from 'keyv';
import { TaskCache } from '../../lib/cache/task-cache.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import type { KeyvLike } from '../../lib/model/options.ts';
import { Scene, successOf } from './scene.ts';

function open(scene: Scene, keyv: KeyvLike): Promise<TaskCache> {
  return TaskCache.open({ ...scene.options(), path: keyv });
}

async function succeed(scene: Scene, keyv: KeyvLike, node: TaskNode): Promise<void> {
  const cache = await open(scene, keyv);
  const { observation } = cache.check(node, new Map(), false);
  await cache.begin(node);
  cache.finish(node, successOf(observation, 'value'));
  await cache.close();
}

async function reasons(scene: Scene, keyv: KeyvLike, node: TaskNode): Promise<unknown[]> {
  const cache = await open(scene, keyv);
  const verdict = cache.check(node, new Map(), false);
  await cache.close();
  return verdict.kind === 'fresh' ? [] : [...verdict.reasons];
}

for (const [name, make] of [
  ['in memory', () => new Keyv()],
  ['in a Map of the user', () => new Keyv({ store: new Map() })],
  ['with @keyv/sqlite', (scene) => new Keyv({ store: sqlite(scene) })],
] as [string, (scene: Scene) => Keyv][]) {
  test(`a Keyv instance ${name} keeps records, and is left open`, async () => {
    using scene = new Scene();
    const keyv = make(scene);
    const node = scene.node();
    await succeed(scene, keyv, node);
    assert.deepEqual(await reasons(scene, keyv, node), []);
    scene.write('in.txt', 'two');
    const changed = [{ kind: 'input-changed', path: 'in.txt' }];
    assert.deepEqual(await reasons(scene, keyv, node), changed);
    await keyv.set('own', 1);
    assert.equal(await keyv.get('own'), 1);
    assert.deepEqual(scene.warnings, []);
    await keyv.disconnect();
  });
}

test('a task that had begun when the process died is not up to date', async () => {
  using scene = new Scene();
  const keyv = new Keyv();
  await succeed(scene, keyv, scene.node());
  const cache = await open(scene, keyv);
  await cache.begin(scene.node());
  assert.deepEqual(await reasons(scene, keyv, scene.node()), [{ kind: 'not-finished' }]);
});

test('whatever a Keyv instance has lost, what is left is not taken for more than it is', async () => {
  using scene = new Scene();
  const map = new Map<string, unknown>();
  await succeed(scene, new Keyv({ store: map }), scene.node());
  const cache = await open(scene, new Keyv({ store: map }));
  await cache.begin(scene.node());
  const whole = new Map(map);
  for (const key of whole.keys()) {
    map.clear();
    for (const [each, value] of whole) if (each !== key) map.set(each, value);
    assert.notDeepEqual(await reasons(scene, new Keyv({ store: map }), scene.node()), []);
  }
  assert.deepEqual(scene.warnings, []);
});

test('an instance that does not work is said once, and tasks run', async () => {
  using scene = new Scene();
  const broken = new Keyv({ store: new KeyvSqlite({ uri: 'sqlite:///no/such/folder/c.sqlite' }) });
  broken.on('error', () => undefined);
  for (const keyv of [broken, refusing('get'), refusing('set')]) {
    scene.warnings.length = 0;
    await succeed(scene, keyv, scene.node());
    assert.deepEqual(scene.warnings, ['cache-off']);
  }
});

function sqlite(scene: Scene): KeyvSqlite {
  return new KeyvSqlite({ uri: `sqlite://${scene.at('own.sqlite')}` });
}

function refusing(method: 'get' | 'set'): KeyvLike {
  const keyv = new Keyv();
  return {
    get: (key) => keyv.get(key),
    set: (key, value) => keyv.set(key, value),
    delete: (key) => keyv.delete(key),
    [method]: () => Promise.reject(new Error('refused')),
  };
}
