import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CacheOptions, TaskCache } from '../../lib/cache/task-cache.ts';
import type { Restored } from '../../lib/cache/verdict.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { Scene, successOf } from './scene.ts';

/** A scene in which outputs are kept. */
class Archive extends Scene {
  restoreBytes = 1e6;

  override options(): CacheOptions {
    return { ...super.options(), restoreBytes: this.restoreBytes };
  }

  /** The task runs: it makes `files`, and returns `value`. */
  async run(
    node: TaskNode,
    files: Readonly<Record<string, string>>,
    rest: { readonly value?: unknown; readonly discovered?: readonly string[] } = {},
  ): Promise<void> {
    const cache = await TaskCache.open(this.options());
    const { observation } = cache.check(node, new Map(), false);
    await cache.begin(node);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    const log = [{ stream: 'stdout', text: 'made\n' }] as const;
    cache.finish(node, { ...successOf(observation), log, ...rest });
    await cache.close();
  }

  /** What a build does that finds the task stale: undefined if it has to run it. */
  async restore(node: TaskNode, full = false): Promise<Restored | undefined> {
    const cache = await TaskCache.open(this.options());
    const verdict = cache.check(node, new Map(), full);
    assert.equal(verdict.kind, 'stale');
    const reasons = verdict.kind === 'stale' ? verdict.reasons : [];
    const restored = cache.restore(node, verdict.observation, reasons);
    await cache.close();
    return restored;
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  /** The files that are kept. */
  objects(kind: 'content' | 'tasks'): string[] {
    const folder = this.at(join('.parproc/objects', kind));
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile());
  }
}

test('what was made before from the same inputs is put back, with its result and what it wrote', async () => {
  using scene = new Archive();
  const node = scene.node();
  await scene.run(node, { 'out.txt': 'made of one' }, { value: { n: 1 } });
  chmodSync(scene.at('out.txt'), 0o755);
  scene.write('in.txt', 'two');
  await scene.run(node, { 'out.txt': 'made of two' });
  scene.write('in.txt', 'one');
  const restored = await scene.restore(node);
  assert.equal(scene.read('out.txt'), 'made of one');
  assert.deepEqual(restored?.outcome.value, { n: 1 });
  assert.deepEqual(restored?.log, [{ stream: 'stdout', text: 'made\n' }]);
  const verdict = await scene.verdict(node);
  assert.equal(verdict.kind, 'fresh');
  assert.deepEqual(verdict.kind === 'fresh' && verdict.outcome, restored?.outcome);
});

test('whoever reads what was put back in the same turn finds it changed', async () => {
  using scene = new Archive();
  const maker = scene.node({ inputs: ['in.txt'] });
  const reader = scene.node({ name: 'reader', inputs: ['out.txt'], outputs: ['far.txt'] });
  await scene.run(maker, { 'out.txt': 'one made' });
  scene.write('in.txt', 'two');
  await scene.run(maker, { 'out.txt': 'two made' });
  await scene.run(reader, { 'far.txt': 'of two made' });
  scene.write('in.txt', 'one');
  const cache = await TaskCache.open(scene.options());
  const verdict = cache.check(maker, new Map(), false);
  const reasons = verdict.kind === 'stale' ? verdict.reasons : [];
  assert.equal(cache.check(reader, new Map(), false).kind, 'fresh');
  assert.ok(cache.restore(maker, verdict.observation, reasons));
  assert.equal(cache.check(reader, new Map(), false).kind, 'stale');
  await cache.close();
});

test('an output that is gone or was tampered with is put back, executable if it was', async () => {
  using scene = new Archive();
  const node = scene.node();
  scene.write('out.txt', 'made');
  chmodSync(scene.at('out.txt'), 0o755);
  await scene.run(node, {});
  scene.remove('out.txt');
  assert.ok(await scene.restore(node));
  assert.equal(statSync(scene.at('out.txt')).mode & 0o777, 0o755);
  scene.write('out.txt', 'tampered');
  assert.ok(await scene.restore(node));
  assert.equal(scene.read('out.txt'), 'made');
});

test('without any record what was made before is put back as well', async () => {
  using scene = new Archive();
  const node = scene.node();
  await scene.run(node, { 'out.txt': 'made' });
  scene.remove('.parproc/cache.sqlite');
  assert.ok(await scene.restore(node));
  assert.deepEqual(await scene.reasons(node), []);
});

test('a content that is not what it was is not put back, and is kept anew', async () => {
  using scene = new Archive();
  const node = scene.node();
  await scene.run(node, { 'out.txt': 'made' });
  const [object = ''] = scene.objects('content');
  chmodSync(object, 0o600);
  appendFileSync(object, ' by somebody else');
  scene.remove('out.txt');
  assert.equal(await scene.restore(node), undefined);
  assert.ok(!existsSync(scene.at('out.txt')));
  await scene.run(node, { 'out.txt': 'made' });
  scene.remove('out.txt');
  assert.ok(await scene.restore(node));
  assert.equal(scene.read('out.txt'), 'made');
});

test('a description that is damaged in whatever place is none', async () => {
  using scene = new Archive();
  const node = scene.node();
  await scene.run(node, { 'out.txt': 'made' });
  const [description = ''] = scene.objects('tasks');
  const whole = readFileSync(description);
  scene.remove('out.txt');
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(description, damaged);
    assert.equal(await scene.restore(node), undefined, `byte ${at}`);
  }
  for (let length = 0; length < whole.length; length += 29) {
    writeFileSync(description, whole.subarray(0, length));
    assert.equal(await scene.restore(node), undefined, `length ${length}`);
  }
});

test('files of a folder that were not there before go, and folders that are empty then', async () => {
  using scene = new Archive();
  const node = scene.node({ outputs: ['made'] });
  await scene.run(node, { 'made/a.txt': 'a' });
  scene.write('in.txt', 'two');
  await scene.run(node, { 'made/deep/er/b.txt': 'b' });
  scene.write('in.txt', 'one');
  assert.ok(await scene.restore(node));
  assert.deepEqual(readdirSync(scene.at('made')), ['a.txt']);
  scene.write('in.txt', 'two');
  assert.ok(await scene.restore(node));
  assert.equal(scene.read('made/deep/er/b.txt'), 'b');
});

test('an output folder that was empty is put back empty', async () => {
  using scene = new Archive();
  const node = scene.node({ outputs: ['made'] });
  mkdirSync(scene.at('made'));
  await scene.run(node, {});
  scene.remove('made');
  assert.ok(await scene.restore(node));
  assert.deepEqual(readdirSync(scene.at('made')), []);
});

test('what somebody else has put among the outputs is never removed: the task runs', async () => {
  using scene = new Archive();
  const node = scene.node({ outputs: ['made'] });
  await scene.run(node, { 'made/a.txt': 'a' });
  scene.write('made/mine.txt', 'of a person');
  assert.equal(await scene.restore(node), undefined);
  assert.equal(scene.read('made/mine.txt'), 'of a person');
});

test('what a task found out it reads has to be what it was', async () => {
  using scene = new Archive();
  const node = scene.node();
  scene.write('inc/part', 'one');
  const rest = { discovered: ['inc/part'] };
  await scene.run(node, { 'out.txt': 'of part one' }, rest);
  scene.write('inc/part', 'two');
  assert.equal(await scene.restore(node), undefined);
  await scene.run(node, { 'out.txt': 'of part two' }, rest);
  // A file is known to have been quiet from the second run on.
  await scene.run(node, { 'out.txt': 'of part two' }, rest);
  scene.write('inc/part', 'one');
  assert.ok(await scene.restore(node));
  assert.equal(scene.read('out.txt'), 'of part one');
  assert.deepEqual(await scene.reasons(node), []);
  scene.write('inc/part', 'two');
  assert.ok(await scene.restore(node));
  assert.equal(scene.read('out.txt'), 'of part two');
});

test('params that were read have to be what they were', async () => {
  using scene = new Archive();
  const nodeWith = (level: number): TaskNode => ({ ...scene.node(), params: { level } });
  const paramsRead = ['level'];
  await scene.run(nodeWith(1), { 'out.txt': 'level 1' }, { paramsRead } as object);
  assert.equal(await scene.restore(nodeWith(2)), undefined);
  await scene.run(nodeWith(2), { 'out.txt': 'level 2' }, { paramsRead } as object);
  assert.ok(await scene.restore(nodeWith(1)));
  assert.equal(scene.read('out.txt'), 'level 1');
});

test('a full run, .noSkip(), a maximal age, and a task without outputs run', async () => {
  using scene = new Archive();
  const node = scene.node();
  await scene.run(node, { 'out.txt': 'made' });
  assert.equal(await scene.restore(node, true), undefined);
  const noSkip = { ...node, definition: { ...node.definition, noSkip: true } };
  await scene.run(noSkip, {});
  assert.equal(await scene.restore(noSkip), undefined);
  const aging = {
    kind: 'output',
    path: 'out.txt',
    maxAgeMs: 1e3,
    enforceFreshness: false,
  } as const;
  const old = { ...node, agingOutputs: [aging] };
  await scene.run(old, {});
  scene.now += 1e6;
  assert.equal(await scene.restore(old), undefined);
  const bare = scene.node({ outputs: [] });
  await scene.run(bare, {});
  scene.write('in.txt', 'two');
  await scene.run(bare, {});
  scene.write('in.txt', 'one');
  assert.equal(await scene.restore(bare), undefined);
});

test('an output that is a link is not kept', async () => {
  using scene = new Archive();
  const node = scene.node();
  scene.remove('out.txt');
  scene.link('out.txt', 'in.txt');
  await scene.run(node, {});
  scene.remove('out.txt');
  assert.equal(await scene.restore(node), undefined);
});

test('what was used longest ago goes first when there is too much', async () => {
  using scene = new Archive();
  const node = scene.node();
  const text = (name: string): string => name.repeat(3000);
  for (const name of ['one', 'two', 'six']) {
    scene.write('in.txt', name);
    await scene.run(node, { 'out.txt': text(name) });
    for (const file of [...scene.objects('content'), ...scene.objects('tasks')]) {
      const { mtime } = statSync(file);
      utimesSync(file, mtime, new Date(mtime.getTime() - 10_000));
    }
  }
  scene.write('in.txt', 'one');
  assert.ok(await scene.restore(node));
  scene.restoreBytes = 25_000;
  scene.write('in.txt', 'new');
  await scene.run(node, { 'out.txt': text('new') });
  scene.write('in.txt', 'two');
  assert.equal(await scene.restore(node), undefined);
  scene.write('in.txt', 'one');
  assert.ok(await scene.restore(node));
  assert.equal(scene.read('out.txt'), text('one'));
});

test('what somebody else has beside the kept files stays, however little room there is', async () => {
  using scene = new Archive();
  const others = ['cube.obj', 'content/cube.obj', 'content/ab/cube.obj', 'tasks/list.txt'];
  for (const path of others) scene.write(join('.parproc/objects', path), 'x'.repeat(1000));
  scene.restoreBytes = 1;
  await scene.run(scene.node(), { 'out.txt': 'made' });
  for (const path of others) assert.ok(existsSync(scene.at(join('.parproc/objects', path))), path);
  const kept = [...scene.objects('content'), ...scene.objects('tasks')];
  assert.equal(kept.length, 3);
});

test('trouble with what is kept is said once, and tasks run', async () => {
  using scene = new Archive();
  const node = scene.node();
  mkdirSync(scene.at('.parproc'));
  scene.write('.parproc/objects', 'no folder');
  await scene.run(node, { 'out.txt': 'made' });
  scene.write('in.txt', 'two');
  assert.equal(await scene.restore(node), undefined);
  await scene.run(node, { 'out.txt': 'made anew' });
  assert.deepEqual(await scene.reasons(node), []);
  assert.ok(scene.warnings.length > 0);
  assert.deepEqual([...new Set(scene.warnings)], ['restore-off']);
});

test('nothing is kept unless that is asked for', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  assert.ok(!existsSync(scene.at('.parproc/objects')));
});
