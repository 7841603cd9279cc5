import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeyvSqlite } from '@keyv/sqlite';
import Keyv from 'keyv';
import { openSqliteStore } from '../../lib/cache/sqlite-store.ts';
import { Scene } from './scene.ts';

const path = '.parproc/cache.sqlite';
const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('the folder and all files of the cache are for the user alone, and git ignores them', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  await cache.begin(scene.node());
  assert.equal(modeOf(scene.at('.parproc')), 0o700);
  assert.equal(readFileSync(scene.at('.parproc/.gitignore'), 'utf8'), '*\n');
  for (const suffix of ['', '-wal', '-shm']) assert.equal(modeOf(scene.at(path + suffix)), 0o600);
  await cache.close();
});

test('a folder of the user’s own gets no .gitignore, one named .parproc does', async () => {
  using scene = new Scene();
  for (const [folder, isOurs] of [
    ['own', false],
    ['.parproc', true],
    ['new', true],
  ] as const) {
    if (folder !== 'new') mkdirSync(scene.at(folder));
    const store = await openSqliteStore({
      file: scene.at(join(folder, 'c.sqlite')),
      isDamaged: false,
      onRecovered: () => undefined,
    });
    await store.close();
    assert.equal(existsSync(scene.at(join(folder, '.gitignore'))), isOurs);
  }
});

test('Keyv reads what the store wrote', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node(), 'value');
  const keyv = new Keyv({
    store: new KeyvSqlite({ uri: `sqlite://${scene.at(path)}` }),
    namespace: 'parproc',
  });
  assert.match(String(await keyv.get('task')), /^[0-9a-f]{64} \{.*"value":"value"/);
  await keyv.disconnect();
});

test('keys and values of any kind come back as they were, and the later value stands', async () => {
  using scene = new Scene();
  const store = await scene.openStore();
  const batch = new Map([
    ['a::b', '"quoted" \\ \n \u0001 \u{1f600}'],
    ["x'; DROP TABLE keyv; --", ''],
    ['%_', 'long '.repeat(100_000)],
  ]);
  await store.write(batch);
  await store.write(new Map([['%_', '2']]));
  assert.deepEqual(await store.readAll(), new Map([...batch, ['%_', '2']]));
  await store.close();
});

test('a cache file that is a link is refused, and what it leads to is left alone', async () => {
  using scene = new Scene();
  scene.link(path, '../in.txt');
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'never-ran' }]);
  assert.deepEqual(scene.warnings, ['cache-off']);
  assert.equal(readFileSync(scene.at('in.txt'), 'utf8'), 'one');
});

test('a cache file that is a folder or another user’s is refused', async (t) => {
  using scene = new Scene();
  mkdirSync(scene.at(path), { recursive: true });
  await scene.reasons(scene.node());
  assert.deepEqual(scene.warnings, ['cache-off']);
  if (process.getuid?.() !== 0) return t.diagnostic('only root can give a file away');
  using other = new Scene();
  await other.succeed(other.node());
  chownSync(other.at(path), 12345, 12345);
  assert.deepEqual(await other.reasons(other.node()), [{ kind: 'never-ran' }]);
  assert.deepEqual(other.warnings, ['cache-off']);
});

test('a folder that cannot be made turns the cache off, and tasks run', async () => {
  using scene = new Scene();
  scene.write('.parproc', 'a file');
  assert.equal(await scene.succeed(scene.node({ outputs: ['no'] })), 'outputs-missing');
  assert.deepEqual(scene.warnings, ['cache-off']);
});

test('however short the file is cut, nothing wrong is up to date and the next run mends it', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node(), 'right');
  const whole = readFileSync(scene.at(path));
  for (const length of spread(whole.length)) {
    writeFileSync(scene.at(path), whole);
    truncateSync(scene.at(path), length);
    await staysRight(scene);
  }
});

test('whatever bit is flipped, nothing wrong is up to date and the next run mends it', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node(), 'right');
  const whole = readFileSync(scene.at(path));
  for (const at of spread(whole.length)) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(scene.at(path), damaged);
    await staysRight(scene);
  }
});

test('what is left of a damaged file is private, and an earlier one makes room', async () => {
  using scene = new Scene();
  for (const text of ['first damaged file, long enough', 'second damaged file']) {
    await scene.succeed(scene.node());
    writeFileSync(scene.at(path), text);
    await scene.reasons(scene.node());
    assert.equal(readFileSync(scene.at(`${path}.corrupt`), 'utf8'), text);
  }
  assert.equal(modeOf(scene.at(path)), 0o600);
  assert.deepEqual(scene.warnings, ['cache-damaged', 'cache-damaged']);
});

test('a cache file that others may read only is made private', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  chmodSync(scene.at(path), 0o644);
  assert.deepEqual(await scene.reasons(scene.node()), []);
  assert.equal(modeOf(scene.at(path)), 0o600);
});

/** Two hundred numbers below `length`. */
function spread(length: number): number[] {
  return Array.from({ length: 200 }, (_, index) => Math.floor((index * length) / 200));
}

/** The next run takes nothing wrong for a result, and the one after it is clean. */
async function staysRight(scene: Scene): Promise<void> {
  const verdict = await scene.verdict(scene.node());
  if (verdict.kind === 'fresh') assert.equal(verdict.outcome.value, 'right');
  await scene.succeed(scene.node(), 'right');
  scene.warnings.length = 0;
  assert.deepEqual(await scene.reasons(scene.node()), []);
  assert.deepEqual(scene.warnings, []);
}
