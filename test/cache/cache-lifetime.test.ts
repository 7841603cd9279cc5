import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { test } from 'node:test';
import { decodeRecord, type TaskRecord } from '../../lib/cache/record.ts';
import { TaskCache } from '../../lib/cache/task-cache.ts';
import type { Verdict } from '../../lib/cache/verdict.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { define } from '../graph/catalog.ts';
import { Scene, successOf } from './scene.ts';

/** The driver below `@keyv/sqlite`, to look at statements and to get in their way. */
interface Driver {
  readonly Database: {
    new (file: string): { exec(sql: string, done: (error: Error | null) => void): void };
    readonly prototype: { all: (this: unknown, sql: string, ...rest: unknown[]) => unknown };
  };
}

const ownRequire = createRequire(import.meta.url);
const driver = createRequire(ownRequire.resolve('@keyv/sqlite'))('sqlite3') as Driver;

async function recordsIn(scene: Scene): Promise<Map<string, TaskRecord | undefined>> {
  const store = await scene.openStore();
  const all = await store.readAll();
  await store.close();
  return new Map(
    [...(all ?? [])].flatMap(([name, text]) =>
      name.startsWith('[') ? [] : [[name, decodeRecord(name, text)]],
    ),
  );
}

function reasonsOf(verdict: Verdict): unknown[] {
  return verdict.kind === 'fresh' ? [] : [...verdict.reasons];
}

/** A successful run of `node` within an open cache. */
function succeedIn(cache: TaskCache, node: TaskNode, value?: unknown, tookMs = 5): void {
  const { observation } = cache.check(node, new Map(), false);
  cache.finish(node, successOf(observation, value, tookMs));
}

test('tasks that begin in the same tick are written in one statement', async () => {
  using scene = new Scene();
  const nodes = ['a', 'b', 'c'].map((name) => scene.node({ name }));
  for (const node of nodes) await scene.succeed(node);
  const { all } = driver.Database.prototype;
  const writes: unknown[] = [];
  driver.Database.prototype.all = function (sql, ...rest) {
    if (sql.includes('INSERT')) writes.push(sql);
    return all.call(this, sql, ...rest);
  };
  try {
    const cache = await scene.open();
    await Promise.all(nodes.map((node) => cache.begin(node)));
    assert.equal(writes.length, 1);
    await cache.close();
  } finally {
    driver.Database.prototype.all = all;
  }
  const records = await recordsIn(scene);
  assert.deepEqual(
    [...records].map(([name, record]) => [name, record?.finished]),
    [
      ['a', false],
      ['b', false],
      ['c', false],
    ],
  );
});

test('once begin resolves the mark is on disk, though nothing was closed', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const cache = await scene.open();
  await cache.begin(scene.node());
  assert.equal((await recordsIn(scene)).get('task')?.finished, false);
  await cache.close();
});

test('a mark of beginning keeps the outcome and the durations of the last success', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const before = (await recordsIn(scene)).get('task');
  const cache = await scene.open();
  await cache.begin(scene.node());
  await cache.close();
  assert.ok(before);
  assert.deepEqual((await recordsIn(scene)).get('task'), { ...before, finished: false });
});

test('the last ten durations are kept, the newest first', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  for (let tookMs = 1; tookMs <= 12; tookMs++) succeedIn(cache, scene.node(), undefined, tookMs);
  await cache.close();
  const record = (await recordsIn(scene)).get('task');
  assert.deepEqual(record?.durations, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
});

test('what has finished is written without being asked for, at the latest when flushed', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  succeedIn(cache, scene.node());
  await cache.flush();
  assert.equal((await recordsIn(scene)).get('task')?.finished, true);
  await cache.close();
});

test('a full run and .noSkip() run what is up to date, and say so beside other reasons', async () => {
  using scene = new Scene();
  const { place } = scene.node().definition;
  const node = scene.node({ definition: define('task', { place, noSkip: true }) });
  await scene.succeed(node);
  scene.write('in.txt', 'two');
  const cache = await scene.open();
  assert.deepEqual(reasonsOf(cache.check(node, new Map(), true)), [
    { kind: 'full' },
    { kind: 'no-skip' },
    { kind: 'input-changed', path: 'in.txt' },
  ]);
  await cache.close();
});

test('without a cache every task runs, nothing is written and nothing is warned of', async () => {
  using scene = new Scene();
  const warnings: string[] = [];
  const { folder: workDir } = scene;
  const onWarning = (code: string): unknown => warnings.push(code);
  const cache = await TaskCache.open({
    path: false,
    workDir,
    clock: () => scene.now,
    isDefined: () => true,
    env: () => undefined,
    onWarning,
  });
  for (let run = 0; run < 2; run++) {
    const verdict = cache.check(scene.node(), new Map(), false);
    assert.deepEqual(reasonsOf(verdict), [{ kind: 'no-cache' }]);
    await cache.begin(scene.node());
    succeedIn(cache, scene.node(), 1);
  }
  await cache.close();
  assert.deepEqual(warnings, []);
});

test('when the file cannot be written any more it is said once, and what is known stays known', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  const meddler = new driver.Database(scene.at('.parproc/cache.sqlite'));
  await new Promise((done) => meddler.exec('DROP TABLE keyv', done));
  for (const name of ['a', 'b']) {
    const node = scene.node({ name });
    succeedIn(cache, node);
    await cache.flush();
    assert.deepEqual(reasonsOf(cache.check(node, new Map(), false)), []);
  }
  assert.deepEqual(scene.warnings, ['cache-off']);
  await cache.close();
});

test('a result that its receiver changes stays what it was in the cache', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  const value = { list: [1] };
  succeedIn(cache, scene.node(), value);
  value.list.push(2);
  for (let check = 0; check < 2; check++) {
    const verdict = cache.check(scene.node(), new Map(), false);
    assert.ok(verdict.kind === 'fresh');
    const given = verdict.outcome.value as typeof value;
    assert.deepEqual(given, { list: [1] });
    given.list.push(3);
  }
  await cache.close();
});

test('an inexact result is said once per task, and leaves no result behind', async () => {
  using scene = new Scene();
  const texts: string[] = [];
  const cache = await TaskCache.open({
    path: '.parproc/cache.sqlite',
    workDir: scene.folder,
    clock: () => scene.now,
    isDefined: () => true,
    env: () => undefined,
    onWarning: (code, text) => texts.push(`${code}: ${text}`),
  });
  succeedIn(cache, scene.node(), { files: [{ at: new Date() }] });
  succeedIn(cache, scene.node(), { other: 1n });
  succeedIn(cache, scene.node({ name: 'b' }), new Map());
  await cache.close();
  assert.equal(texts.length, 2);
  assert.match(texts[0] ?? '', /^result-not-recorded: task .*result\.files\[0\]\.at/);
  assert.match(texts[1] ?? '', /^result-not-recorded: b .*result /);
  assert.deepEqual(
    [...(await recordsIn(scene)).values()].map((record) => record?.value),
    [undefined, undefined],
  );
});

test('two processes that keep the cache open at once both keep what they learn', async () => {
  using scene = new Scene();
  const [one, two] = [await scene.open(), await scene.open()];
  succeedIn(one, scene.node({ name: 'a' }));
  succeedIn(two, scene.node({ name: 'b' }));
  await Promise.all([one.close(), two.close()]);
  assert.deepEqual(await scene.reasons(scene.node({ name: 'a' })), []);
  assert.deepEqual(await scene.reasons(scene.node({ name: 'b' })), []);
  assert.deepEqual(scene.warnings, []);
});

test('a process that leaves the cache open ends all the same', () => {
  using scene = new Scene();
  assert.equal(openInChild(scene, []), 'open, warned of nothing');
});

test('without the native part the cache is off, and the warning has the command that mends it', () => {
  using scene = new Scene();
  const hide = `import Module from 'node:module';
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name === 'sqlite3') throw new Error('Could not locate the bindings file');
      return load(name, ...rest);
    };`;
  const told = openInChild(scene, ['--import', JSON.parse(inline(hide)) as string]);
  assert.match(told, /^open, warned of cache-off: .*npm rebuild sqlite3/);
});

/** What a process says that opens the cache, uses it and does not close it. */
function openInChild(scene: Scene, flags: readonly string[]): string {
  const module = new URL(`../../lib/cache/task-cache${extname(import.meta.url)}`, import.meta.url);
  const script = `
    import { TaskCache } from ${JSON.stringify(module.href)};
    let warned = 'nothing';
    const cache = await TaskCache.open({
      path: '.parproc/cache.sqlite',
      workDir: ${JSON.stringify(scene.folder)},
      clock: () => Date.now(),
      env: () => undefined,
      onWarning: (code, text) => { warned = code + ': ' + text; },
    });
    await cache.flush();
    process.stdout.write('open, warned of ' + warned);
  `;
  const loader = process.execArgv.filter((flag) => !flag.startsWith('--test'));
  const args = [...loader, ...flags, '--input-type=module', '--eval', script];
  return execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
}

/** The text of a module as a string literal of a URL that imports it. */
function inline(text: string): string {
  return JSON.stringify(`data:text/javascript,${encodeURIComponent(text)}`);
}
