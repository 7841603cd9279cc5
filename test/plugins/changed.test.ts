import assert from 'node:assert/strict';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { test } from 'node:test';
import Keyv from 'keyv';
import { type ChangedOptions, changed, pooled, remember } from '../../plugins/index.ts';
import { TempProject } from '../rig/temp-project.ts';
import { fileOf } from './files.ts';

type Files = Readonly<Record<string, string>>;
type Contents = { path: string; contents: Buffer; relative: string };

/** A plugin that works on each file as it says; `seen` tells which files it got. */
function upper(seen: string[], bad?: string): Transform {
  return new Transform({
    objectMode: true,
    transform(file: Contents, _encoding, done) {
      seen.push(file.relative);
      if (file.relative === bad) return done(new Error('no good'));
      file.contents = Buffer.from(file.contents.toString().toUpperCase());
      return done(null, file);
    },
  });
}

interface Stage {
  readonly cache: Keyv;
  readonly version?: unknown;
  readonly bad?: string;
  readonly isRemembered?: boolean;
  /** Stands between the plugin and `remember`. */
  readonly extra?: () => Transform;
}

/** One build: which files the plugin saw, and what arrived at the end, or the error. */
async function build(files: Files, stage: Stage, key = 'set') {
  const { cache, version, bad, isRemembered = false, extra } = stage;
  const seen: string[] = [];
  const arrived: string[] = [];
  const options: ChangedOptions = { cache: cache as never, version };
  const first = changed(key, options);
  const streams = [first, upper(seen, bad), ...(extra ? [extra()] : [])];
  if (isRemembered) streams.push(remember(key));
  const end = new Writable({
    objectMode: true,
    write: ({ relative, contents }: Contents, _encoding, done) => {
      arrived.push(`${relative} ${contents}`);
      done();
    },
  });
  let error: Error | undefined;
  await new Promise<void>((resolve) => {
    for (const stream of streams) {
      stream.on('error', (thrown) => {
        error = thrown;
        resolve();
      });
    }
    // What is kept is kept when the next build asks, not before the end here.
    end.on('finish', () => resolve());
    const source = Readable.from(Object.entries(files).map(([path, text]) => fileOf(path, text)));
    let last: NodeJS.ReadableStream = source;
    for (const stream of [...streams, end]) last = last.pipe(stream as never);
  });
  return { seen, arrived, error };
}

test('only files come through whose content is not what it was at the last success', async () => {
  const cache = new Keyv();
  assert.deepEqual((await build({ a: '1', b: '2' }, { cache })).seen, ['a', 'b']);
  assert.deepEqual((await build({ a: '1', b: '2' }, { cache })).seen, []);
  assert.deepEqual((await build({ a: '1', b: '3' }, { cache })).seen, ['b']);
  assert.deepEqual((await build({ a: '1', b: '2' }, { cache })).seen, ['b'], 'back to what it was');
});

test('nothing of a pipeline that failed counts', async () => {
  const cache = new Keyv();
  const failed = await build({ a: '1', b: '2' }, { cache, bad: 'b' });
  assert.equal(failed.error?.message, 'no good');
  assert.deepEqual((await build({ a: '1', b: '2' }, { cache })).seen, ['a', 'b']);
  await build({ a: '9', b: '2' }, { cache, bad: 'a' });
  assert.deepEqual((await build({ a: '9', b: '2' }, { cache })).seen, ['a']);
});

test('what a failed pipeline may have overwritten has changed, even if it is again what it was', async () => {
  const cache = new Keyv();
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`m${at}`, 'x']));
  for (const edited of [['a'], Object.keys(many)]) {
    const before = { a: '1', b: '1', ...many };
    await build(before, { cache }, edited[0]);
    const edits = Object.fromEntries(edited.map((path) => [path, '2']));
    const failed = await build({ ...before, ...edits, z: '1' }, { cache, bad: 'z' }, edited[0]);
    assert.deepEqual(failed.seen, [...edited, 'z']);
    const { seen } = await build(before, { cache }, edited[0]);
    assert.deepEqual(
      edited.filter((path) => !seen.includes(path)),
      [],
    );
    if (edited.length === 1) assert.deepEqual(seen, ['a'], 'the others are as they were');
    assert.deepEqual((await build(before, { cache }, edited[0])).seen, []);
  }
});

test('a pipeline that failed with another version takes back what was made with this one', async () => {
  const cache = new Keyv();
  await build({ a: '1', b: '1' }, { cache, version: 1 });
  await build({ a: '1', b: '1' }, { cache, version: 2, bad: 'b' });
  assert.deepEqual((await build({ a: '1', b: '1' }, { cache, version: 1 })).seen, ['a', 'b']);
});

test('an error behind streams that were piped together beforehand counts', async () => {
  const cache = new Keyv() as never;
  const run = async (isBad: boolean) => {
    const seen: string[] = [];
    const plugin = upper(seen);
    const failing = new Transform({
      objectMode: true,
      transform: (file, _encoding, done) => done(null, file),
      flush: (done) => done(isBad ? new Error('late') : null),
    });
    const end = plugin.pipe(failing);
    const first = changed('laid', { cache });
    await new Promise((resolve) => {
      end.on('error', resolve).on('end', resolve).resume();
      Readable.from([fileOf('a', '1')])
        .pipe(first)
        .pipe(plugin);
    });
    return seen;
  };
  assert.deepEqual(
    [await run(true), await run(true), await run(false), await run(false)],
    [['a'], ['a'], ['a'], []],
  );
});

test('as long as code is younger than the process, all files have changed', async () => {
  using project = new TempProject({ 'young.mjs': 'export const same = (file) => file.contents;' });
  const module = new URL(`file://${project.folder}/young.mjs`);
  const extra = () => pooled({ module, export: 'same' });
  const stage = { cache: new Keyv(), extra };
  assert.deepEqual((await build({ a: '1' }, stage)).seen, ['a']);
  assert.deepEqual((await build({ a: '1' }, stage)).seen, ['a']);
});

test('another version makes all files changed ones', async () => {
  const cache = new Keyv();
  const build1 = (version: unknown) => build({ a: '1' }, { cache, version });
  await build1({ level: 1, on: [/x/] });
  assert.deepEqual((await build1({ on: [/x/], level: 1 })).seen, []);
  assert.deepEqual((await build1({ on: [/y/], level: 1 })).seen, ['a']);
  assert.deepEqual((await build1({ on: [/y/], level: 2 })).seen, ['a']);
});

test('a file that was away comes through again, and sets have nothing to do with each other', async () => {
  const cache = new Keyv();
  await build({ a: '1', b: '2' }, { cache });
  await build({ a: '1' }, { cache });
  assert.deepEqual((await build({ a: '1', b: '2' }, { cache })).seen, ['b']);
  assert.deepEqual((await build({ a: '1' }, { cache }, 'other')).seen, ['a']);
  assert.deepEqual((await build({ a: '1', b: '2' }, { cache })).seen, []);
});

test('without a key the place of the call names the set', async () => {
  const cache = new Keyv() as never;
  const run = async (make: () => NodeJS.ReadWriteStream) => {
    const stream = make();
    const arrived: unknown[] = [];
    const end = stream.pipe(new PassThrough({ objectMode: true }));
    end.on('data', ({ relative }) => arrived.push(relative));
    await new Promise((resolve) => {
      end.on('end', resolve);
      Readable.from([fileOf('a', '1')]).pipe(stream);
    });
    return arrived;
  };
  const here = () => changed(undefined, { cache });
  const there = () => changed(undefined, { cache });
  assert.deepEqual(
    [await run(here), await run(here), await run(there), await run(here)],
    [['a'], [], ['a'], []],
  );
});

test('remember gives the whole set back, in order, as a full build would', async () => {
  const cache = new Keyv();
  const stage = { cache, isRemembered: true };
  const first = await build({ a: 'x', b: 'y', c: 'z' }, stage);
  assert.deepEqual(first.arrived, ['a X', 'b Y', 'c Z']);
  const second = await build({ a: 'x', b: 'y', c: 'z' }, stage);
  assert.deepEqual([second.seen, second.arrived], [[], first.arrived]);
  const third = await build({ a: 'x', b: 'q', c: 'z' }, stage);
  assert.deepEqual([third.seen, third.arrived], [['b'], ['a X', 'b Q', 'c Z']]);
});

test('remember forgets what was deleted, renamed, or made of another version', async () => {
  const cache = new Keyv();
  const stage = { cache, isRemembered: true };
  await build({ a: 'x', b: 'y' }, stage);
  assert.deepEqual((await build({ b: 'y' }, stage)).arrived, ['b Y']);
  const renamed = await build({ c: 'y' }, stage);
  assert.deepEqual([renamed.seen, renamed.arrived], [['c'], ['c Y']]);
  assert.deepEqual((await build({ a: 'x', c: 'y' }, stage)).arrived, ['a X', 'c Y']);
  const other = await build({ a: 'x', c: 'y' }, { ...stage, version: 2 });
  assert.deepEqual(
    [other.seen, other.arrived],
    [
      ['a', 'c'],
      ['a X', 'c Y'],
    ],
  );
});

test('what was kept of a failed build is not given back', async () => {
  const cache = new Keyv();
  const stage = { cache, isRemembered: true };
  await build({ a: 'x', b: 'y' }, stage);
  await build({ a: 'new', b: 'broken' }, { ...stage, bad: 'b' });
  const next = await build({ a: 'new', b: 'fixed' }, stage);
  assert.deepEqual(
    [next.seen, next.arrived],
    [
      ['a', 'b'],
      ['a NEW', 'b FIXED'],
    ],
  );
});

test('a file whose results were lost or damaged is made again', async () => {
  const cache = new Keyv();
  const stage = { cache, isRemembered: true };
  await build({ a: 'x', b: 'y', c: 'z' }, stage);
  // It waits for what the first one keeps.
  await build({ a: 'x', b: 'y', c: 'z' }, stage);
  const key = (name: string) => `parproc-plugins:remember:set:src/${name}`;
  assert.equal(await cache.delete(key('a')), true);
  await cache.set(key('b'), `${String(await cache.get(key('b'))).slice(0, -8)}AAAAAAA=`);
  const next = await build({ a: 'x', b: 'y', c: 'z' }, stage);
  assert.deepEqual(
    [next.seen, next.arrived],
    [
      ['a', 'b'],
      ['a X', 'b Y', 'c Z'],
    ],
  );
});

test('a file that a plugin drops stays dropped, and one that becomes two comes back as two', async () => {
  const cache = new Keyv();
  const extra = () =>
    new Transform({
      objectMode: true,
      transform(file: ReturnType<typeof fileOf>, _encoding, done) {
        if (file.relative === 'two') {
          const copy = file.clone();
          copy.path += '.copy';
          this.push(copy);
        }
        if (file.relative !== 'none') this.push(file);
        done();
      },
    });
  const stage = { cache, isRemembered: true, extra };
  const files = { none: 'n', two: 't' };
  const first = await build(files, stage);
  assert.deepEqual(first.arrived, ['two.copy T', 'two T']);
  const second = await build(files, stage);
  assert.deepEqual([second.seen, second.arrived], [[], first.arrived]);
});

test('a joined file before remember is an error that says where to put it', async () => {
  const extra = () =>
    new Transform({
      objectMode: true,
      transform: (_file, _encoding, done) => done(null, fileOf('all', 'joined')),
    });
  const { error } = await build({ a: 'x' }, { cache: new Keyv(), isRemembered: true, extra });
  assert.match(
    String(error?.message),
    /^remember\(set\): src\/all: .*before plugins that join files/,
  );
});

test('remember without changed before it is an error', () => {
  assert.throws(() => remember('nobody'), /remember\(nobody\) needs changed\(nobody\) before it/);
});

test('a store that does not work is told of once, and memory takes its place', async () => {
  const broken = { get: () => Promise.reject(new Error('disk on fire')) } as never;
  const warnings: string[] = [];
  const listen = ({ message }: Error) => warnings.push(message);
  process.on('warning', listen);
  const first = await build({ a: 'x', b: 'y' }, { cache: broken, isRemembered: true });
  await new Promise(setImmediate);
  process.off('warning', listen);
  assert.deepEqual(first.arrived, ['a X', 'b Y']);
  assert.deepEqual([warnings.length, /disk on fire/.test(warnings[0] ?? '')], [1, true]);
});
