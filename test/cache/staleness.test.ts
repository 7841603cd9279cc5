import assert from 'node:assert/strict';
import {
  cpSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { decodeRecord, encodeRecord } from '../../lib/cache/record.ts';
import type { FileState } from '../../lib/cache/verdict.ts';
import { define } from '../graph/catalog.ts';
import { Scene, successOf } from './scene.ts';

const changed = (path: string) => ({ kind: 'input-changed', path });
const added = (path: string) => ({ kind: 'input-added', path });
const removed = (path: string) => ({ kind: 'input-removed', path });

test('staleness 1: an input that was young when it was seen is read again after the run', async () => {
  using scene = new Scene();
  const node = scene.node();
  const seen = await scene.observed(node);
  const [input] = seen.inputs;
  assert.ok(input);
  // As on a file system whose clock is too coarse to tell the edit from what was seen.
  const inputs: FileState[] = [{ ...input, sha256: 'of what was there before' }];
  const cache = await scene.open();
  cache.finish(node, successOf({ ...seen, inputs, seenAt: input.mtimeMs + 1000 }));
  await cache.close();
  assert.deepEqual(await scene.reasons(node), [{ kind: 'changed-while-running' }]);
});

test('staleness 4: what had to be read is noted, so that it is read once', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node(), 'value');
  utimesSync(scene.at('in.txt'), 5, 5);
  assert.deepEqual(await scene.reasons(scene.node()), []);
  const store = await scene.openStore();
  const record = decodeRecord('task', (await store.readAll())?.get('task') ?? '');
  await store.close();
  assert.equal(record?.inputs[0]?.mtimeMs, 5000);
  assert.equal(record?.value, 'value');
});

test('staleness 5: another hard link to an input is no change', async () => {
  using scene = new Scene();
  const node = scene.node({ inputs: ['in.txt'] });
  await scene.succeed(node);
  linkSync(scene.at('in.txt'), scene.at('second'));
  assert.deepEqual(await scene.reasons(node), []);
});

test('staleness 7: an output folder counts as there when it is empty, and as gone when it is gone', async () => {
  using scene = new Scene();
  const node = scene.node({ outputs: ['dist'] });
  mkdirSync(scene.at('dist'));
  await scene.succeed(node);
  assert.deepEqual(await scene.reasons(node), []);
  rmSync(scene.at('dist'), { recursive: true });
  assert.deepEqual(await scene.reasons(node), [{ kind: 'output-missing', path: 'dist' }]);
});

test('staleness 8: a file that something else puts among the outputs is a reason to run', async () => {
  using scene = new Scene();
  scene.write('dist/a', '');
  const node = scene.node({ outputs: ['dist'] });
  await scene.succeed(node);
  scene.write('dist/.b', '');
  assert.deepEqual(await scene.reasons(node), [{ kind: 'output-changed', path: 'dist/.b' }]);
});

test('staleness 9: other code of the action is a change of definition', async () => {
  using scene = new Scene();
  const place = scene.node().definition.place;
  const nodeWith = (run: () => unknown) =>
    scene.node({ definition: define('task', { place, action: { kind: 'action', run } }) });
  await scene.succeed(nodeWith(() => 1));
  assert.deepEqual(await scene.reasons(nodeWith(() => 2)), [
    { kind: 'definition-changed', what: 'action' },
  ]);
});

test('staleness 9: code that changes while a task runs leaves no success that is relied on', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  const { observation } = cache.check(scene.node(), new Map(), false);
  // A worker that is started now loads this, and not what the digest was made of.
  scene.write('helper.mjs', '2');
  cache.finish(scene.node(), successOf(observation));
  await cache.close();
  scene.write('helper.mjs', '1');
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'changed-while-running' }]);
});

test('staleness 9: code that has changed since this process loaded it is not relied on', async () => {
  using scene = new Scene();
  const { ctimeMs } = statSync(scene.at('helper.mjs'));
  for (const [loadedAt, reasons] of [
    [ctimeMs - 1, [{ kind: 'changed-while-running' }]],
    [ctimeMs, []],
  ] as const) {
    const cache = await scene.open({ loadedAt: () => loadedAt });
    const { observation } = cache.check(scene.node(), new Map(), false);
    cache.finish(scene.node(), successOf(observation));
    await cache.close();
    assert.deepEqual(await scene.reasons(scene.node()), reasons);
  }
});

test('staleness 10: other arguments are a change of definition', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node({ rawArgs: { env: 'dev' } }));
  assert.deepEqual(await scene.reasons(scene.node({ rawArgs: { env: 'dev' } })), []);
  for (const rawArgs of [{ env: 'prod' }, {}, { env: 'dev', more: '1' }]) {
    assert.deepEqual(await scene.reasons(scene.node({ rawArgs })), [
      { kind: 'definition-changed', what: 'arguments' },
    ]);
  }
});

test('staleness 11: a dep that came or went is a reason to run', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node(), 1, new Map([['old', 'x']]));
  assert.deepEqual(await scene.reasons(scene.node(), new Map([['new', 'x']])), [
    { kind: 'dep-changed', dep: 'new' },
    { kind: 'dep-changed', dep: 'old' },
  ]);
});

test('staleness 15: a linked file counts with the content that the link leads to', async () => {
  using scene = new Scene();
  scene.write('real/a', '1');
  scene.write('real/b', '2');
  scene.link('src/file', '../real/a');
  const node = scene.node({ inputs: ['src/*'] });
  await scene.succeed(node);
  scene.write('real/a', '3');
  assert.deepEqual(await scene.reasons(node), [changed('src/file')]);
  scene.write('real/a', '1');
  unlinkSync(scene.at('src/file'));
  scene.link('src/file', '../real/b');
  assert.deepEqual(await scene.reasons(node), [changed('src/file')]);
});

test('staleness 15: a linked folder counts with the files that the link leads to', async () => {
  using scene = new Scene();
  scene.write('one/a', '1');
  scene.write('two/b', '2');
  scene.link('src/folder', '../one');
  for (const inputs of [['src/**/*'], ['src'], ['src/folder'], ['src/folder/*', 'src/*']]) {
    const node = scene.node({ name: inputs.join(), inputs });
    await scene.succeed(node);
    unlinkSync(scene.at('src/folder'));
    scene.link('src/folder', '../two');
    assert.deepEqual(await scene.reasons(node), [added('src/folder/b'), removed('src/folder/a')]);
    unlinkSync(scene.at('src/folder'));
    scene.link('src/folder', '../one');
  }
});

test('staleness 16: links in a circle or to nothing are paths without a file', async () => {
  using scene = new Scene();
  scene.link('loop', 'loop');
  scene.link('self', '.');
  scene.link('dangling', 'nothing');
  const node = scene.node({ inputs: ['loop', 'dangling', 'in.txt/below', '**/*.txt'] });
  await scene.succeed(node);
  assert.deepEqual(await scene.reasons(node), []);
  scene.write('nothing', '');
  assert.deepEqual(await scene.reasons(node), [added('dangling')]);
});

test('staleness 17: neither a clock set back nor a file time to come hides an edit', async () => {
  using scene = new Scene();
  utimesSync(scene.at('in.txt'), 9e9, 9e9);
  await scene.succeed(scene.node());
  scene.now = 1000;
  assert.deepEqual(await scene.reasons(scene.node()), []);
  scene.write('in.txt', 'two');
  utimesSync(scene.at('in.txt'), 9e9, 9e9);
  assert.deepEqual(await scene.reasons(scene.node()), [changed('in.txt')]);
});

test('staleness 17: a file time to come has the file read each time', async () => {
  using scene = new Scene();
  utimesSync(scene.at('in.txt'), 9e9, 9e9);
  const seen = await scene.observed(scene.node());
  await scene.succeed(scene.node());
  const [input] = seen.inputs;
  assert.ok(input && input.mtimeMs > scene.now);
  const cache = await scene.open();
  const stale = { ...seen, inputs: [{ ...input, sha256: 'other' }] };
  assert.equal(cache.sameInputs(scene.node(), stale), false);
  await cache.close();
});

test('staleness 20: a task that was cut short while it wrote runs again', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const cache = await scene.open();
  await cache.begin(scene.node());
  scene.write('out.txt', 'ma');
  await cache.close();
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'not-finished' },
    { kind: 'output-changed', path: 'out.txt' },
  ]);
});

test('staleness 21: an output that another task has made over is a reason to run', async () => {
  using scene = new Scene();
  const one = scene.node({ name: 'one' });
  await scene.succeed(one);
  scene.write('out.txt', 'by two');
  await scene.succeed(scene.node({ name: 'two' }));
  assert.deepEqual(await scene.reasons(one), [{ kind: 'output-changed', path: 'out.txt' }]);
});

test('staleness 24: names that differ in their Unicode form only are two files', async () => {
  using scene = new Scene();
  const names = ['e\u0301.txt', '\u00e9.txt'];
  for (const name of names) scene.write(`src/${name}`, name);
  const node = scene.node({ inputs: ['src'] });
  const { inputs } = await scene.observed(node);
  assert.deepEqual(
    inputs.map(({ path }) => path),
    names.map((name) => `src/${name}`),
  );
  await scene.succeed(node);
  scene.write(`src/${names[1]}`, 'changed');
  assert.deepEqual(await scene.reasons(node), [changed(`src/${names[1]}`)]);
});

test('staleness 25: a name that is not UTF-8 is an error wherever it could be an input', async () => {
  using scene = new Scene();
  const bytes = (path: string): Buffer =>
    Buffer.concat([Buffer.from(scene.at(path)), Buffer.from([0xe9])]);
  scene.write('src/a.txt', '');
  writeFileSync(bytes('src/caf'), '');
  const wrong = { message: /src\/caf\uFFFD' is not UTF-8/ };
  await assert.rejects(scene.verdict(scene.node({ inputs: ['src'] })), wrong);
  await assert.rejects(scene.verdict(scene.node({ inputs: ['src/c*'] })), wrong);
  assert.equal((await scene.verdict(scene.node({ inputs: ['src/*.txt'] }))).kind, 'stale');
  scene.remove('src');
  mkdirSync(scene.at('src'));
  mkdirSync(bytes('src/caf'));
  await assert.rejects(scene.verdict(scene.node({ inputs: ['src/**/*.txt'] })), wrong);
  scene.write('src/of \uFFFD.txt', 'a name that has this very character');
  assert.equal((await scene.verdict(scene.node({ inputs: ['src/*.txt'] }))).kind, 'stale');
});

test('staleness 26: a folder as an input is every file below it', async () => {
  using scene = new Scene();
  scene.write('public/.htaccess', '1');
  scene.write('public/deep/a', '1');
  const node = scene.node({ inputs: ['public'] });
  await scene.succeed(node);
  scene.write('public/.htaccess', '2');
  scene.write('public/deep/b', '');
  assert.deepEqual(await scene.reasons(node), [
    changed('public/.htaccess'),
    added('public/deep/b'),
  ]);
  rmSync(scene.at('public'), { recursive: true });
  assert.deepEqual(await scene.reasons(node), [
    removed('public'),
    removed('public/.htaccess'),
    removed('public/deep/a'),
  ]);
});

test('staleness 27: an input that is named and not there is noticed when it comes', async () => {
  using scene = new Scene();
  const node = scene.node({ inputs: ['later', 'in.txt'] });
  await scene.succeed(node);
  assert.deepEqual(await scene.reasons(node), []);
  scene.write('later', '');
  assert.deepEqual(await scene.reasons(node), [added('later')]);
  await scene.succeed(node);
  rmSync(scene.at('later'));
  assert.deepEqual(await scene.reasons(node), [removed('later')]);
});

test('staleness 28: a project that is copied elsewhere with its cache is up to date there', async () => {
  using scene = new Scene();
  using copy = new Scene();
  scene.write('app/build.mjs', "import '../shared.mjs';");
  scene.write('shared.mjs', '');
  const place = (where: Scene) => ({ file: where.at('app/build.mjs'), line: 1, column: 1 });
  const nodeIn = (where: Scene) =>
    where.node({ definition: define('task', { place: place(where), outputs: ['out.txt'] }) });
  await scene.succeed(nodeIn(scene));
  cpSync(scene.folder, copy.folder, { recursive: true });
  assert.notEqual(statSync(scene.at('in.txt')).ino, statSync(copy.at('in.txt')).ino);
  assert.deepEqual(await copy.reasons(nodeIn(copy)), []);
  copy.write('shared.mjs', '1');
  assert.deepEqual(await copy.reasons(nodeIn(copy)), [
    { kind: 'definition-changed', what: 'module', path: 'shared.mjs' },
  ]);
});

test('staleness 29: a record of another version is no record', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const store = await scene.openStore();
  const record = decodeRecord('task', (await store.readAll())?.get('task') ?? '');
  assert.ok(record);
  const other = { ...record, schema: record.schema + 1 } as unknown as typeof record;
  await store.write(
    new Map([
      ['[head]', ''],
      ['task', encodeRecord('task', other)],
    ]),
  );
  await store.close();
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'never-ran' }]);
  assert.deepEqual(scene.warnings, []);
});

test('a damaged record is no record: that task runs, others do not', async () => {
  using scene = new Scene();
  const other = scene.node({ name: 'other' });
  await scene.succeed(other);
  const cutAt = (text: string) => text.slice(0, -1);
  const flipped = (text: string) => text.replace('"finished":true', '"finished":tru3');
  for (const damage of [cutAt, flipped, () => '', () => 'null']) {
    await scene.succeed(scene.node());
    const store = await scene.openStore();
    const text = (await store.readAll())?.get('task') ?? '';
    await store.write(new Map([['task', damage(text)]]));
    await store.close();
    assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'never-ran' }]);
  }
  assert.deepEqual(await scene.reasons(other), []);
});
