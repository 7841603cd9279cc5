import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskCache } from '../../lib/cache/task-cache.ts';
import type { Observation } from '../../lib/cache/verdict.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { definitionContext } from '../../lib/model/tracked-params.ts';
import { define, nodeOf } from '../graph/catalog.ts';
import { Scene, successOf } from './scene.ts';

/** The task of the scene with more in its definition. */
function nodeWith(scene: Scene, parts: Parameters<typeof define>[1]): TaskNode {
  const place = { file: scene.at('build.mjs'), line: 1, column: 1 };
  const definition = define('task', { place, outputs: ['out.txt'], ...parts });
  return nodeOf(definition, { inputs: ['in.txt'], outputs: ['out.txt'] });
}

/** The task under way, as the executor begins it. */
async function begun(
  scene: Scene,
  node: TaskNode,
): Promise<{ cache: TaskCache; observation: Observation }> {
  const cache = await scene.open();
  const { observation } = cache.check(node, new Map(), false);
  await cache.begin(node);
  return { cache, observation };
}

test('staleness 12: a declared environment variable counts by its value, and unset is a value too', async () => {
  using scene = new Scene();
  const node = nodeWith(scene, { env: ['MODE'] });
  scene.env['MODE'] = 'one';
  await scene.succeed(node);
  assert.deepEqual(await scene.reasons(node), []);
  scene.env['MODE'] = 'two';
  assert.deepEqual(await scene.reasons(node), [{ kind: 'env-changed', name: 'MODE' }]);
  delete scene.env['MODE'];
  assert.deepEqual(await scene.reasons(node), [{ kind: 'env-changed', name: 'MODE' }]);
});

test('the value of an environment variable is not kept', async () => {
  using scene = new Scene();
  scene.env['TOKEN'] = 'a secret of many words';
  await scene.succeed(nodeWith(scene, { env: ['TOKEN'] }));
  const store = await scene.openStore();
  const texts = [...((await store.readAll()) ?? new Map()).values()].join('\n');
  await store.close();
  assert.match(texts, /TOKEN/);
  assert.doesNotMatch(texts, /a secret/);
});

test('a param that the action has read counts, others do not', async () => {
  using scene = new Scene();
  const at = (params: Record<string, unknown>): TaskNode => ({ ...scene.node(), params });
  const cache = await scene.open();
  const before = at({ level: 1, other: 1 });
  const { observation } = cache.check(before, new Map(), false);
  cache.finish(before, { ...successOf(observation), paramsRead: ['level'] });
  await cache.close();
  assert.deepEqual(await scene.reasons(at({ level: 1, other: 2 })), []);
  assert.deepEqual(await scene.reasons(at({ level: 2, other: 1 })), [
    { kind: 'param-changed', name: 'level' },
  ]);
});

test('a param that a function of the definition has read counts as well', async () => {
  using scene = new Scene();
  const at = (level: number): TaskNode => {
    const context = definitionContext('task', { level });
    assert.equal(context.params['level'], level);
    return { ...scene.node(), params: { level }, context };
  };
  await scene.succeed(at(1));
  assert.deepEqual(await scene.reasons(at(1)), []);
  assert.deepEqual(await scene.reasons(at(2)), [{ kind: 'param-changed', name: 'level' }]);
});

test('a task that says that nothing has changed keeps its outcome and is up to date', async () => {
  using scene = new Scene();
  const node = scene.node();
  const digest = await scene.succeed(node, 'first');
  scene.write('in.txt', 'two');
  const { cache, observation } = await begun(scene, node);
  const { value: _, ...success } = successOf(observation);
  assert.deepEqual(cache.keep(node, success), { value: 'first', digest });
  await cache.close();
  assert.deepEqual(await scene.reasons(node), []);
});

test('what a task read when it made its outputs counts on after it said that nothing has changed', async () => {
  using scene = new Scene();
  const at = (level: number): TaskNode => ({ ...scene.node(), params: { level } });
  const cache = await scene.open();
  const first = cache.check(at(1), new Map(), false);
  cache.finish(at(1), { ...successOf(first.observation), paramsRead: ['level'] });
  await cache.flush();
  scene.write('in.txt', 'two');
  const second = cache.check(at(1), new Map(), false);
  await cache.begin(at(1));
  const { value: _, ...success } = successOf(second.observation);
  cache.keep(at(1), success);
  await cache.close();
  assert.deepEqual(await scene.reasons(at(1)), []);
  assert.deepEqual(await scene.reasons(at(2)), [{ kind: 'param-changed', name: 'level' }]);
});

test('nothing has changed is not believed if an output is another one than before', async () => {
  using scene = new Scene();
  const node = scene.node();
  const digest = await scene.succeed(node, 'first');
  scene.write('out.txt', 'something else');
  const { cache, observation } = await begun(scene, node);
  const { value: _, ...success } = successOf(observation);
  const kept = cache.keep(node, success);
  await cache.close();
  assert.equal(kept.value, undefined);
  assert.notEqual(kept.digest, digest);
  assert.notDeepEqual(await scene.reasons(node), []);
});

test('a task that skips its work keeps its outcome for others and is asked again', async () => {
  using scene = new Scene();
  const node = scene.node();
  const digest = await scene.succeed(node, 'first');
  scene.write('in.txt', 'two');
  const { cache, observation } = await begun(scene, node);
  assert.deepEqual(cache.skip(node, observation), { value: 'first', digest });
  await cache.close();
  const reasons = (await scene.reasons(node)) as { kind: string }[];
  assert.ok(reasons.some(({ kind }) => kind === 'was-skipped'));
});

test('a task that has asked for things itself runs every time, and says why', async () => {
  using scene = new Scene();
  const node = scene.node();
  const cache = await scene.open();
  const { observation } = cache.check(node, new Map(), false);
  cache.finish(node, { ...successOf(observation), hasAsked: true });
  await cache.close();
  assert.deepEqual(await scene.reasons(node), [{ kind: 'asks-build' }]);
});

test('changed deps are those that came to another outcome since the last success', async () => {
  using scene = new Scene();
  const node = scene.node();
  const first = new Map([
    ['a', '1'],
    ['b', '1'],
  ]);
  const changed = async (deps: ReadonlyMap<string, string>): Promise<readonly string[]> =>
    (await scene.verdict(node, deps)).observation.changedDeps;
  assert.deepEqual(await changed(first), ['a', 'b']);
  await scene.succeed(node, undefined, first);
  assert.deepEqual(await changed(first), []);
  assert.deepEqual(await changed(new Map([...first, ['b', '2']])), ['b']);
});

test('the estimate weighs the newest success most', async () => {
  using scene = new Scene();
  const node = scene.node();
  const cache = await scene.open();
  assert.equal(cache.estimate('task'), undefined);
  for (const ms of [150, 50]) {
    const { observation } = cache.check(node, new Map(), false);
    cache.finish(node, successOf(observation, undefined, ms));
  }
  assert.equal(cache.estimate('task'), (50 + 0.8 * 150) / 1.8);
  await cache.close();
});
