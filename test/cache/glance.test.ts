import assert from 'node:assert/strict';
import { chmodSync, renameSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskNode } from '../../lib/model/node.ts';
import { Scene, successOf } from './scene.ts';

const dayMs = 86_400_000;
const deps = new Map([['a', 'digest of a']]);

/** A task of which everything is plain. */
function plain(scene: Scene, parts: Partial<TaskNode> = {}): TaskNode {
  return scene.node({ inputs: ['in.txt', 'more.txt'], deps: ['a'], rawArgs: { n: '1' }, ...parts });
}

/** What a glance and a full check of the next process say of a task that has run. */
async function looks(
  scene: Scene,
  node: TaskNode,
  digests: readonly string[] = ['digest of a'],
): Promise<{ readonly glance: string | undefined; readonly isFresh: boolean }> {
  const cache = await scene.open();
  const glance = cache.glance(false)?.digestOf(node, digests);
  const names = node.deps.map((name, at) => [name, digests[at] ?? ''] as const);
  const verdict = cache.check(node, new Map(names), false);
  if (glance !== undefined && verdict.kind === 'fresh') {
    assert.equal(glance, verdict.outcome.digest);
  }
  await cache.close();
  return { glance, isFresh: verdict.kind === 'fresh' };
}

async function ranScene(): Promise<Scene> {
  const scene = new Scene();
  scene.write('more.txt', 'more');
  await scene.succeed(plain(scene), undefined, deps);
  return scene;
}

test('a glance tells that a plain task is up to date, and what it came to', async () => {
  using scene = await ranScene();
  const cache = await scene.open();
  const verdict = cache.check(plain(scene), deps, false);
  assert.ok(verdict.kind === 'fresh');
  const glance = cache.glance(false);
  assert.equal(glance?.digestOf(plain(scene), ['digest of a']), verdict.outcome.digest);
  assert.deepEqual(glance.observationOf(plain(scene)), verdict.observation);
  await cache.close();
});

const stale: readonly [string, (scene: Scene) => TaskNode | undefined][] = [
  ['an input', (scene) => void scene.write('in.txt', 'two')],
  ['an input without another size', (scene) => void scene.write('in.txt', 'eno')],
  ['an input that is gone', (scene) => scene.remove('more.txt') as undefined],
  [
    'an input that is a folder now',
    (scene) => {
      scene.remove('in.txt');
      scene.write('in.txt/deep', 'x');
      return undefined;
    },
  ],
  [
    'an input with its old times',
    (scene) => {
      scene.write('other.txt', 'two');
      utimesSync(scene.at('other.txt'), new Date(0), new Date(0));
      renameSync(scene.at('other.txt'), scene.at('in.txt'));
      return undefined;
    },
  ],
  ['an output', (scene) => void scene.write('out.txt', 'tampered')],
  ['an output that is gone', (scene) => scene.remove('out.txt') as undefined],
  ['the build file', (scene) => void scene.write('build.mjs', '2')],
  ['a module of it', (scene) => void scene.write('helper.mjs', '2')],
  ['an argument', (scene) => plain(scene, { rawArgs: { n: '2' } })],
  ['an argument more', (scene) => plain(scene, { rawArgs: { n: '1', m: '1' } })],
  ['an argument less', (scene) => plain(scene, { rawArgs: {} })],
  ['an input more', (scene) => plain(scene, { inputs: ['build.mjs', 'in.txt', 'more.txt'] })],
  ['an input less', (scene) => plain(scene, { inputs: ['in.txt'] })],
  ['another input', (scene) => plain(scene, { inputs: ['in.txt', 'helper.mjs'] })],
  ['a dep less', (scene) => plain(scene, { deps: [] })],
  ['another dep', (scene) => plain(scene, { deps: ['b'] })],
];

for (const [what, change] of stale) {
  test(`a glance says nothing of a task that has to run: ${what} has changed`, async () => {
    using scene = await ranScene();
    const node = change(scene) ?? plain(scene);
    assert.deepEqual(await looks(scene, node), { glance: undefined, isFresh: false });
  });
}

test('a glance says nothing if a dep has come to something else', async () => {
  using scene = await ranScene();
  const found = await looks(scene, plain(scene), ['another digest']);
  assert.deepEqual(found, { glance: undefined, isFresh: false });
});

test('a glance leaves to the full check what has to be read', async () => {
  using scene = await ranScene();
  const unread = { glance: undefined, isFresh: true };
  scene.write('in.txt', 'one');
  assert.deepEqual(await looks(scene, plain(scene)), unread);
  chmodSync(scene.at('out.txt'), 0o600);
  assert.deepEqual(await looks(scene, plain(scene)), unread);
});

test('a glance leaves young files to the full check', async () => {
  using scene = new Scene();
  scene.now = Date.now();
  scene.write('more.txt', 'more');
  await scene.succeed(plain(scene), undefined, deps);
  assert.equal((await looks(scene, plain(scene))).glance, undefined);
});

for (const parts of [
  { inputs: ['*.txt'] },
  { inputs: ['more.txt', 'in.txt'] },
  { inputs: [() => ['in.txt']] },
  { inputs: ['*.txt'], ignore: ['more.*'] },
  { inputs: ['./in.txt'] },
] satisfies Partial<TaskNode>[]) {
  const shown = JSON.stringify({ ...parts, inputs: parts.inputs.map(String) });
  test(`a glance sees as much of what stands for files: ${shown}`, async () => {
    using scene = new Scene();
    scene.write('more.txt', 'more');
    scene.write('out.txt', 'made');
    const node = scene.node(parts);
    await scene.succeed(node);
    assert.notEqual((await looks(scene, node, [])).glance, undefined);
    scene.write('new.txt', 'new');
    const isFresh = !parts.inputs.some((path) => path === '*.txt');
    assert.equal((await looks(scene, node, [])).isFresh, isFresh);
    assert.equal((await looks(scene, node, [])).glance === undefined, !isFresh);
    scene.write('in.txt', 'two');
    assert.deepEqual(await looks(scene, node, []), { glance: undefined, isFresh: false });
  });
}

test('a glance leaves to the full check what functions throw, and outputs that are globs', async () => {
  using scene = new Scene();
  const thrower = (): never => {
    throw new Error('no inputs');
  };
  const node = scene.node({ inputs: ['in.txt'] });
  await scene.succeed(node);
  const cache = await scene.open();
  const glance = cache.glance(false);
  assert.equal(glance?.digestOf({ ...node, inputs: [thrower] }, []), undefined);
  assert.equal(glance?.digestOf({ ...node, outputs: ['out.*'] }, []), undefined);
  await cache.close();
});

test('a glance leaves imports to the full check: one may lead to a file that has come since', async () => {
  using scene = new Scene();
  const imports = { isOn: true, roots: ['.'], finders: {} };
  scene.write('in.mjs', "import './new.mjs';");
  const node = scene.node({ inputs: ['in.mjs'] });
  const first = await scene.open({ imports });
  const { observation } = first.check(node, new Map(), false);
  await first.begin(node);
  first.finish(node, successOf(observation));
  await first.close();
  scene.write('new.mjs', '1');
  const cache = await scene.open({ imports });
  assert.equal(cache.glance(false)?.digestOf(node, []), undefined);
  assert.equal(cache.check(node, new Map(), false).kind, 'stale');
  await cache.close();
});

test('a glance leaves to the full check what a task has written besides', async () => {
  using scene = new Scene();
  const node = scene.node({ inputs: ['in.txt'] });
  const cache = await scene.open();
  const { observation } = cache.check(node, new Map(), false);
  await cache.begin(node);
  scene.write('more.out', 'made');
  cache.finish(node, { ...successOf(observation), written: { files: ['more.out'], pruned: [] } });
  await cache.close();
  assert.equal((await looks(scene, node, [])).glance, undefined);
});

test('files that are no input of any task are none at a glance', async () => {
  using scene = new Scene();
  scene.write('more.txt', 'more');
  const node = scene.node({ inputs: ['in.txt', 'more.txt'] });
  await scene.succeed(node);
  const cache = await scene.open({ globalIgnore: ['more.txt'] });
  assert.equal(cache.check(node, new Map(), false).kind, 'stale');
  assert.equal(cache.glance(false)?.digestOf(node, []), undefined);
  await cache.close();
});

for (const [what, more, isFresh] of [
  ['a result', { value: 'a result' }, true],
  ['params', { paramsRead: ['level'] }, true],
  ['discovered files', { discovered: ['helper.mjs'] }, true],
  ['a success that cannot be relied on', { hasAsked: true }, false],
] as const) {
  test(`a glance leaves to the full check what there is to look at closely: ${what}`, async () => {
    using scene = new Scene();
    const node = scene.node({ inputs: ['in.txt'], params: { level: 1 } });
    const cache = await scene.open();
    const { observation } = cache.check(node, new Map(), false);
    await cache.begin(node);
    cache.finish(node, { ...successOf(observation), ...more });
    await cache.close();
    assert.deepEqual(await looks(scene, node, []), { glance: undefined, isFresh });
  });
}

test('a glance sees a change that has left size, time and place as they were', async () => {
  using scene = new Scene();
  const node = scene.node({ inputs: ['in.txt'] });
  utimesSync(scene.at('in.txt'), 1000, 1000);
  await scene.succeed(node);
  assert.notEqual((await looks(scene, node, [])).glance, undefined);
  scene.write('in.txt', 'eno');
  utimesSync(scene.at('in.txt'), 1000, 1000);
  assert.deepEqual(await looks(scene, node, []), { glance: undefined, isFresh: false });
});

test('a glance says nothing of a task that is under way, or has a newer record', async () => {
  using scene = await ranScene();
  const cache = await scene.open();
  await cache.begin(plain(scene));
  assert.equal(cache.glance(false)?.digestOf(plain(scene), ['digest of a']), undefined);
  await cache.close();
  assert.deepEqual(await looks(scene, plain(scene)), { glance: undefined, isFresh: false });
});

test('a glance leaves it to the full check to note that a record is still in use', async () => {
  using scene = await ranScene();
  scene.now += 8 * dayMs;
  assert.deepEqual(await looks(scene, plain(scene)), { glance: undefined, isFresh: true });
  assert.notEqual((await looks(scene, plain(scene))).glance, undefined);
});

test('whether a path is relative to the working directory or absolute, a glance sees the same', async () => {
  using scene = await ranScene();
  const cache = await scene.open();
  const before = process.cwd();
  assert.equal(cache.glance(true)?.digestOf(plain(scene), ['digest of a']), undefined);
  process.chdir(scene.folder);
  try {
    assert.notEqual(cache.glance(true)?.digestOf(plain(scene), ['digest of a']), undefined);
  } finally {
    process.chdir(before);
  }
  await cache.close();
});
