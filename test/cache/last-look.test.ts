import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import { type LastLook, StoredLook, stillAction, stillGroup } from '../../lib/cache/last-look.ts';
import type { LookRequest } from '../../lib/cache/last-looks.ts';
import { type CacheOptions, TaskCache } from '../../lib/cache/task-cache.ts';
import { WorkspaceLock } from '../../lib/cache/workspace-lock.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { Scene, successOf } from './scene.ts';

const dayMs = 86_400_000;

/** A task that names nothing but files. */
function plain(scene: Scene, parts: Partial<TaskNode> = {}): TaskNode {
  return scene.node({ name: 'plain', inputs: ['in.txt', 'more.txt'], ...parts });
}

/** A request for these tasks, which have their numbers in this order. */
function requestFor(nodes: readonly TaskNode[], parts: Partial<LookRequest> = {}): LookRequest {
  return {
    id: 'request',
    size: nodes.length,
    numberOf: (name) => {
      const at = nodes.findIndex((node) => node.name === name);
      return at === -1 ? undefined : at;
    },
    definitionNumberAt: (at) => at,
    definitionOf: (number) => nodes[number]?.definition,
    nodeAt: (at) => nodes[at] as TaskNode,
    ...parts,
  };
}

/** A cache as a build has it: with a lock, and nothing read so far. */
function cacheIn(scene: Scene, changed: Partial<CacheOptions> = {}): TaskCache {
  const lock = (path: string): WorkspaceLock =>
    new WorkspaceLock({
      file: `${path}.lock`,
      self: () => ({ token: 'test', pid: process.pid, command: 'test' }),
      ancestors: [],
      after: (ms, run) => setTimeout(run, ms),
      onWait: () => undefined,
    });
  return TaskCache.closed({ ...scene.options(), ...changed, lock });
}

/**
 * A build in which the tasks run that are not up to date.
 *
 * @param look What was looked at before, to which news are added.
 * @returns The news.
 */
async function build(
  scene: Scene,
  nodes: readonly TaskNode[],
  look?: { readonly text: Buffer; readonly request: LookRequest; readonly news?: Buffer },
): Promise<Buffer | undefined> {
  const cache = cacheIn(scene);
  await cache.enter();
  for (const node of nodes) {
    const verdict = cache.check(node, new Map(), false);
    if (verdict.kind === 'fresh') continue;
    await cache.begin(node);
    cache.finish(node, successOf(verdict.observation));
  }
  await cache.leave();
  const stored = look && StoredLook.decode(look.text, look.news);
  const news = stored && cache.lastLooks.newsOf(stored, look.request);
  await cache.close();
  return news === undefined ? undefined : Buffer.from(news);
}

/** What a build that only looks writes down: all that is up to date. */
function lookedAt(
  scene: Scene,
  nodes: readonly TaskNode[],
  changed: Partial<CacheOptions> = {},
  last?: Buffer,
): Promise<Buffer | undefined> {
  return inScene(scene, changed, (cache) => {
    const request = requestFor(nodes);
    const stored = last && StoredLook.decode(last);
    const before = stored && cache.lastLooks.of(stored, request);
    const fresh = nodes.flatMap((node) => {
      const verdict = cache.check(node, new Map(), false);
      return verdict.kind === 'fresh' ? [{ node, outcome: verdict.outcome }] : [];
    });
    return cache.lastLooks.textOf(request, before, fresh);
  });
}

/** Calls `use` in the folder of a scene, with a cache that was peeked at. */
async function inScene<T>(
  scene: Scene,
  changed: Partial<CacheOptions>,
  use: (cache: TaskCache) => T,
): Promise<T> {
  const cache = cacheIn(scene, changed);
  assert.ok(await cache.peek());
  const before = process.cwd();
  process.chdir(scene.folder);
  try {
    return use(cache);
  } finally {
    process.chdir(before);
    await cache.close();
  }
}

/** Calls `use` with what the next build makes of a look, in the folder of the scene. */
function recalled<T>(
  scene: Scene,
  look: Buffer,
  request: LookRequest,
  use: (last: LastLook | undefined) => T,
  changed: Partial<CacheOptions> = {},
  news?: Buffer,
): Promise<T> {
  return inScene(scene, changed, (cache) => {
    const stored = StoredLook.decode(look, news);
    return use(stored && cache.lastLooks.of(stored, request));
  });
}

/** Which tasks are as they were; empty if nothing can be told. */
function stills(last: LastLook | undefined): readonly boolean[] {
  return [...(last?.stillTasks() ?? [])].map((is) => is !== 0);
}

async function lookedScene(
  nodesOf: (scene: Scene) => readonly TaskNode[] = (scene) => [plain(scene)],
): Promise<{ scene: Scene; look: Buffer }> {
  const scene = new Scene();
  scene.write('more.txt', 'more');
  await build(scene, nodesOf(scene));
  const look = await lookedAt(scene, nodesOf(scene));
  assert.ok(look !== undefined, 'nothing was written down');
  return { scene, look };
}

test('what was up to date is still so, and tells what it came to', async () => {
  const { scene, look } = await lookedScene();
  using _ = scene;
  const verdict = await scene.verdict(plain(scene));
  assert.ok(verdict.kind === 'fresh');
  await recalled(scene, look, requestFor([plain(scene)]), (last) => {
    assert.ok(last?.areAllStill() === true);
    assert.deepEqual(stills(last), [true]);
    assert.equal(last.outcomeAt(0), verdict.outcome.digest);
    assert.deepEqual([last.actionCount, last.groupCount], [1, 0]);
  });
});

test('it does not matter in which order a task names its inputs, and how often', async () => {
  const nodesOf = (scene: Scene): readonly TaskNode[] => [
    plain(scene, { inputs: ['more.txt', 'in.txt', 'more.txt'] }),
  ];
  const { scene, look } = await lookedScene(nodesOf);
  using _ = scene;
  assert.deepEqual(await recalled(scene, look, requestFor(nodesOf(scene)), stills), [true]);
  scene.write('more.txt', 'changed');
  assert.deepEqual(await recalled(scene, look, requestFor(nodesOf(scene)), stills), [false]);
});

const changes: readonly [string, (scene: Scene) => void][] = [
  ['an input', (scene) => scene.write('in.txt', 'two')],
  ['an input without another size', (scene) => scene.write('in.txt', 'eno')],
  ['an input that is gone', (scene) => scene.remove('more.txt')],
  ['the mode of an input', (scene) => chmodSync(scene.at('in.txt'), 0o600)],
  [
    'an input that is a folder now',
    (scene) => {
      scene.remove('in.txt');
      scene.write('in.txt/deep', 'x');
    },
  ],
  [
    'an input below a file now',
    (scene) => {
      scene.remove('in.txt');
      scene.link('in.txt', 'more.txt/x');
    },
  ],
  [
    'an input with its old times',
    (scene) => {
      scene.write('other.txt', 'two');
      utimesSync(scene.at('other.txt'), new Date(0), new Date(0));
      renameSync(scene.at('other.txt'), scene.at('in.txt'));
    },
  ],
  ['an output', (scene) => scene.write('out.txt', 'tampered')],
  ['an output that is gone', (scene) => scene.remove('out.txt')],
  ['the build file', (scene) => scene.write('build.mjs', '2')],
  ['a module of it', (scene) => scene.write('helper.mjs', '2')],
];

for (const [what, change] of changes) {
  test(`a change is seen, whether all are looked at or one: ${what}`, async () => {
    const { scene, look } = await lookedScene();
    using _ = scene;
    change(scene);
    const request = requestFor([plain(scene)]);
    assert.deepEqual(await recalled(scene, look, request, stills), [false]);
    assert.equal(await recalled(scene, look, request, (last) => last?.areAllStill()), false);
  });
}

test('only the tasks that have the changed file are not as they were', async () => {
  const nodesOf = (scene: Scene): readonly TaskNode[] => [
    plain(scene),
    scene.node({ name: 'other', inputs: ['more.txt'], outputs: ['out.txt'] }),
  ];
  const { scene, look } = await lookedScene(nodesOf);
  using _ = scene;
  scene.write('in.txt', 'two');
  await recalled(scene, look, requestFor(nodesOf(scene)), (last) => {
    assert.equal(last?.areAllStill(), false);
    assert.deepEqual(stills(last), [false, true]);
    // What was seen is not looked at again.
    scene.write('more.txt', 'changed');
    assert.deepEqual(stills(last), [false, true]);
  });
});

test('a look counts for the records that it was made with, and a newer one of a task outdates that task', async () => {
  const nodesOf = (scene: Scene): readonly TaskNode[] => [
    plain(scene),
    scene.node({ name: 'other', inputs: ['more.txt'], outputs: ['more.out'] }),
  ];
  const scene = new Scene();
  using _ = scene;
  scene.write('more.txt', 'more');
  scene.write('more.out', 'more');
  await build(scene, nodesOf(scene));
  const look = (await lookedAt(scene, nodesOf(scene))) ?? Buffer.of();
  scene.write('in.txt', 'two');
  await build(scene, nodesOf(scene));
  scene.now += 60_000;
  await recalled(scene, look, requestFor(nodesOf(scene)), (last) => {
    assert.deepEqual(stills(last), [false, true]);
  });
  const next = (await lookedAt(scene, nodesOf(scene), {}, look)) ?? Buffer.of();
  await recalled(scene, next, requestFor(nodesOf(scene)), (last) => {
    assert.ok(last?.areAllStill());
  });
  assert.equal(await lookedAt(scene, nodesOf(scene), {}, next), undefined, 'there is nothing new');
});

/** Three tasks: the first two read one file, the first and the last read one of their own. */
function three(scene: Scene): readonly TaskNode[] {
  return [
    scene.node({ name: 'one', inputs: ['in.txt', 'more.txt'], outputs: ['out/1'] }),
    scene.node({ name: 'two', inputs: ['more.txt'], outputs: ['out/2'] }),
    scene.node({ name: 'three', inputs: ['own.txt'], outputs: ['out/3'] }),
  ];
}

async function threeLooked(): Promise<{ scene: Scene; text: Buffer; request: LookRequest }> {
  const scene = new Scene();
  for (const path of ['more.txt', 'own.txt', 'out/1', 'out/2', 'out/3']) scene.write(path, path);
  await build(scene, three(scene));
  const text = (await lookedAt(scene, three(scene))) ?? Buffer.of();
  return { scene, text, request: requestFor(three(scene)) };
}

test('what is recorded since is added to a look, again and again', async () => {
  const { scene, text, request } = await threeLooked();
  using _ = scene;
  let news: Buffer | undefined;
  for (const words of ['first', 'second words', 'third']) {
    scene.write('own.txt', words);
    scene.write('in.txt', words);
    scene.now += 60_000;
    news = await build(scene, three(scene), { text, request, ...(news && { news }) });
    assert.ok(news !== undefined);
    const found = await recalled(scene, text, request, stills, {}, news);
    assert.deepEqual(found, [true, true, true]);
    assert.ok(await recalled(scene, text, request, (last) => last?.areAllStill(), {}, news));
    assert.deepEqual(await recalled(scene, text, request, stills), [false, true, false]);
  }
  assert.equal(
    await build(scene, three(scene), { text, request, ...(news && { news }) }),
    undefined,
  );
  scene.write('own.txt', 'fourth');
  assert.deepEqual(await recalled(scene, text, request, stills, {}, news), [true, true, false]);
});

test('news of a file do not count for another task that has not been recorded with it', async () => {
  const { scene, text, request } = await threeLooked();
  using _ = scene;
  scene.write('more.txt', 'changed');
  scene.now += 60_000;
  const [one, two] = three(scene);
  assert.ok(one !== undefined && two !== undefined);
  const news = await build(scene, [one], { text, request });
  assert.ok(news !== undefined);
  assert.deepEqual(await recalled(scene, text, request, stills, {}, news), [true, false, true]);
  // Nor after there are others.
  scene.write('own.txt', 'changed');
  const more = await build(scene, [three(scene)[2] as TaskNode], { text, request, news });
  assert.deepEqual(await recalled(scene, text, request, stills, {}, more), [true, false, true]);
  const all = await build(scene, [two], { text, request, ...(more && { news: more }) });
  assert.deepEqual(await recalled(scene, text, request, stills, {}, all), [true, true, true]);
});

test('news that are damaged, of another look, or older than the record leave their tasks to be looked at', async () => {
  const { scene, text, request } = await threeLooked();
  using _ = scene;
  scene.write('own.txt', 'changed');
  scene.now += 60_000;
  const news = (await build(scene, three(scene), { text, request })) ?? Buffer.of();
  assert.deepEqual(await recalled(scene, text, request, stills, {}, news), [true, true, true]);
  for (let at = 0; at < news.length; at += 7) {
    const flipped = Buffer.from(news);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    assert.equal(StoredLook.decode(text, flipped)?.news, undefined, `byte ${at}`);
  }
  const other = (await lookedAt(scene, [plain(scene), ...three(scene)])) ?? Buffer.of();
  assert.equal(StoredLook.decode(other, news)?.news, undefined);
  scene.write('out/3', 'tampered');
  scene.now += 60_000;
  await build(scene, three(scene));
  assert.deepEqual(await recalled(scene, text, request, stills, {}, news), [true, true, false]);
});

test('a task that was begun since and cut short is looked at, though its files are the same', async () => {
  const { scene, text, request } = await threeLooked();
  using _ = scene;
  const cache = cacheIn(scene);
  await cache.enter();
  await cache.begin(three(scene)[1] as TaskNode);
  await cache.leave();
  await cache.close();
  assert.deepEqual(await recalled(scene, text, request, stills), [true, false, true]);
});

test('a look goes on to count when all records are written anew in one piece', async () => {
  const { scene, text, request } = await threeLooked();
  using _ = scene;
  const snapshot = (): string => readFileSync(scene.at('.parproc/cache.sqlite-snapshot'), 'utf8');
  let news: Buffer | undefined;
  for (const words of ['first', 'second words', 'third']) {
    const before = snapshot();
    scene.write('own.txt', words);
    scene.now += 60_000;
    const cache = cacheIn(scene);
    await cache.enter();
    const long = scene.node({ name: 'long', inputs: ['own.txt'], outputs: ['out.txt'] });
    const { observation } = cache.check(long, new Map(), false);
    // So long a record that it is not left beside the others.
    cache.finish(long, successOf(observation, `${words} `.repeat(50_000)));
    await cache.leave();
    await cache.close();
    assert.notEqual(snapshot(), before);
    assert.deepEqual(await recalled(scene, text, request, stills, {}, news), [true, true, false]);
    news = await build(scene, three(scene), { text, request, ...(news && { news }) });
    assert.deepEqual(await recalled(scene, text, request, stills, {}, news), [true, true, true]);
  }
});

test('a look is of no use for other records, another request, after a day, and if it is damaged', async () => {
  const { scene, look } = await lookedScene();
  using _ = scene;
  const request = requestFor([plain(scene)]);
  const isUsed = (of: LookRequest, text = look): Promise<boolean> =>
    recalled(scene, text, of, (last) => last !== undefined);
  assert.ok(await isUsed(request));
  assert.ok(!(await isUsed({ ...request, id: 'another' })));
  assert.ok(!(await isUsed({ ...request, size: 2 })));
  for (let at = 0; at < look.length; at += 5) {
    const flipped = Buffer.from(look);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    assert.equal(StoredLook.decode(flipped), undefined, `byte ${at}`);
    assert.equal(StoredLook.decode(look.subarray(0, at)), undefined);
  }
  scene.now += dayMs - 1;
  assert.ok(await isUsed(request));
  scene.now += 1;
  assert.ok(!(await isUsed(request)));
  scene.now -= 2 * dayMs;
  assert.ok(!(await isUsed(request)));
  scene.now += dayMs;
  scene.now += 1;
  scene.remove('.parproc');
  await build(scene, [plain(scene)]);
  assert.ok(!(await isUsed(request)), 'these are other records');
});

test('what only groups others is as it was, without any file', async () => {
  const { action: _, ...grouped } = plain(new Scene()).definition;
  const scene = new Scene();
  using _scene = scene;
  scene.write('more.txt', 'more');
  const node = plain(scene);
  const group: TaskNode = { ...node, name: 'group', definition: grouped, inputs: [], outputs: [] };
  await build(scene, [node]);
  const cache = cacheIn(scene);
  assert.ok(await cache.peek());
  const request = requestFor([node, group]);
  const verdict = cache.check(node, new Map(), false);
  assert.ok(verdict.kind === 'fresh');
  const outcome = { value: undefined, digest: 'g'.repeat(64) };
  const fresh = [
    { node, outcome: verdict.outcome },
    { node: group, outcome },
  ];
  const look = cache.lastLooks.textOf(request, undefined, fresh) ?? Buffer.of();
  await cache.close();
  await recalled(scene, look, request, (last) => {
    assert.ok(last?.areAllStill() === true);
    assert.deepEqual([...last.stillTasks()], [stillAction, stillGroup]);
    assert.equal(last.outcomeAt(1), outcome.digest);
    assert.deepEqual([last.actionCount, last.groupCount], [1, 1]);
  });
});

for (const [what, parts] of [
  ['a glob', { inputs: ['*.txt'] }],
  ['a path that is not plain', { inputs: ['./in.txt'] }],
  ['a function', { inputs: [() => ['in.txt']] }],
  ['files to ignore', { ignore: ['x.txt'] }],
  ['an output that is a glob', { outputs: ['out.*'] }],
  ['makers', { makers: ['maker'] }],
  [
    'an output that gets old',
    { agingOutputs: [{ kind: 'output', path: 'out.txt', maxAgeMs: 1e9, enforceFreshness: false }] },
  ],
] satisfies readonly [string, Partial<TaskNode>][]) {
  test(`a task is not written down of which more than files has to be looked at: ${what}`, async () => {
    using scene = new Scene();
    const nodes = [scene.node({ inputs: ['in.txt'], ...parts })];
    const deps = new Map((nodes[0]?.makers ?? []).map((name) => [name, 'digest'] as const));
    const cache = cacheIn(scene);
    await cache.enter();
    for (const node of nodes) {
      const { observation } = cache.check(node, deps, false);
      await cache.begin(node);
      cache.finish(node, successOf(observation));
    }
    await cache.leave();
    await cache.close();
    assert.equal(await lookedAt(scene, nodes), undefined);
  });
}

for (const [what, more] of [
  ['a result', { value: 'a result' }],
  ['params', { paramsRead: ['level'] }],
  ['discovered files', { discovered: ['helper.mjs'] }],
  ['a success that cannot be relied on', { hasAsked: true }],
  ['files that it wrote besides', { written: { files: ['more.out'], pruned: [] } }],
] as const) {
  test(`a task is not written down of which the record asks for a closer look: ${what}`, async () => {
    using scene = new Scene();
    scene.write('more.out', 'made');
    const node = scene.node({ inputs: ['in.txt'], params: { level: 1 } });
    const cache = cacheIn(scene);
    await cache.enter();
    const { observation } = cache.check(node, new Map(), false);
    await cache.begin(node);
    cache.finish(node, { ...successOf(observation), ...more });
    await cache.leave();
    await cache.close();
    assert.equal(await lookedAt(scene, [node]), undefined);
  });
}

test('young files, imports that count and files that are ignored everywhere leave nothing to be written down', async () => {
  using scene = new Scene();
  scene.write('more.txt', 'more');
  await build(scene, [plain(scene)]);
  const nodes = [plain(scene)];
  assert.notEqual(await lookedAt(scene, nodes), undefined);
  assert.equal(await lookedAt(scene, nodes, { globalIgnore: ['x'] }), undefined);
  const imports = { isOn: true, roots: ['.'], finders: {} };
  assert.equal(await lookedAt(scene, nodes, { imports }), undefined);
  using young = new Scene();
  young.now = Date.now();
  young.write('more.txt', 'more');
  await build(young, [plain(young)]);
  assert.equal(await lookedAt(young, [plain(young)]), undefined);
});

test('a look that was written down is not believed where imports or ignored files have come to count', async () => {
  const { scene, look } = await lookedScene();
  using _ = scene;
  const request = requestFor([plain(scene)]);
  const imports = { isOn: true, roots: ['.'], finders: {} };
  assert.deepEqual(await recalled(scene, look, request, stills, { imports }), [false]);
  const ignoring = { globalIgnore: ['more.txt'] };
  assert.deepEqual(await recalled(scene, look, request, stills, ignoring), []);
  const globals = { globalInputs: ['helper.mjs'] };
  assert.deepEqual(await recalled(scene, look, request, stills, globals), [false]);
});
