import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildFlags } from '../../lib/pool/build-flags.ts';
import { repository } from '../rig/temp-project.ts';

type CoreName = 'core' | 'rest';

/** As it is installed: no other process uses this copy, or has used it. */
class InstalledCopy {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'parproc-copy-'));
  readonly core: string = join(this.folder, 'dist/bundle/core');

  constructor() {
    symlinkSync(join(repository, 'node_modules'), join(this.folder, 'node_modules'));
    cpSync(join(repository, 'package.json'), join(this.folder, 'package.json'));
    cpSync(join(repository, 'dist/bundle'), join(this.folder, 'dist/bundle'), {
      recursive: true,
      filter: (path) => !path.includes('.cache'),
    });
  }

  /** Runs a program that imports what it likes of the package; gives what it wrote to `stdout`. */
  run(program: string, flags: readonly string[] = []): string {
    return this.#spawn(program, flags).stdout;
  }

  /** What the loader found that had been compiled before of the first file or the other, in each process. */
  found(program: string, flags: readonly string[] = [], name: CoreName = 'core'): string[] {
    const { stderr } = this.#spawn(program, flags);
    const told = stderr.matchAll(new RegExp(`${name}\\.cjs compiled before: (\\w+)`, 'g'));
    return [...told].map(([, word = '']) => word);
  }

  #spawn(program: string, flags: readonly string[]): { stdout: string; stderr: string } {
    writeFileSync(join(this.folder, 'program.mjs'), program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, 'program.mjs'], {
      cwd: this.folder,
      env: { ...process.env, NODE_OPTIONS: '', NODE_DEBUG: 'parproc' },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /warning/i);
    return { stdout, stderr };
  }

  /** Those of the first file. */
  get caches(): string[] {
    return this.cachesOf('core');
  }

  cachesOf(file: CoreName): string[] {
    const isOne = new RegExp(`^${file}\\.cjs.*\\.cache`);
    return readdirSync(this.core).filter((name) => isOne.test(name));
  }

  /** The one cache that there is. */
  get cache(): string {
    assert.equal(this.caches.length, 1);
    return join(this.core, this.caches[0] ?? '');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const list = `import { task } from 'parproc'; task('a').action(() => 1); console.log(typeof task);`;
const build = `
import { configure, run, task } from 'parproc';
configure({ mode: 'single', cache: false });
task('a').action(() => console.log('built'));
await run('a');
process.exit();
`;

const storing: string = build.replace('cache: false', "cache: '.parproc/cache.sqlite'");

test('what a process has compiled is used by the next', () => {
  using copy = new InstalledCopy();
  assert.deepEqual(copy.found(list), ['nothing']);
  assert.equal(copy.caches.length, 1);
  assert.deepEqual(copy.found(list), ['used']);
});

test('it is written again only by processes that load more, and by each of these but twice', () => {
  using copy = new InstalledCopy();
  const after = (program: string): Buffer => {
    copy.run(program);
    const [name = ''] = copy.cachesOf('rest');
    return readFileSync(join(copy.core, name));
  };
  const built = [after(build), after(build), after(build), after(build)];
  assert.deepEqual(built[2], built[1]);
  assert.deepEqual(built[3], built[1]);
  const stored = [after(storing), after(storing), after(storing), after(storing)];
  assert.ok((stored[0]?.length ?? 0) > (built[3]?.length ?? 0));
  assert.deepEqual(stored[2], stored[1]);
  assert.deepEqual(stored[3], stored[1]);
  assert.deepEqual(after(build), stored[3]);
});

const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'is empty': () => Buffer.alloc(0),
  'ends within its head': (bytes) => bytes.subarray(0, 10),
  'has been cut off': (bytes) => bytes.subarray(0, bytes.length / 2),
  'is something else': () => Buffer.alloc(100_000, 'something else '),
  'ends in zeros': (bytes) => Buffer.concat([bytes.subarray(0, 100_000)], bytes.length),
  'has a wrong byte': (bytes) => Buffer.from(bytes).fill(0xff, 40_000, 40_001),
};

for (const [damage, damaged] of Object.entries(damages)) {
  test(`a cache that ${damage} is not used, and comes back`, () => {
    using copy = new InstalledCopy();
    copy.run(build);
    writeFileSync(copy.cache, damaged(readFileSync(copy.cache)));
    assert.deepEqual(copy.found(build), ['nothing']);
    assert.deepEqual(copy.found(build), ['used']);
    assert.match(copy.run(build), /built/);
  });
}

test('a cache that cannot be read or replaced is done without', () => {
  using copy = new InstalledCopy();
  copy.run(list);
  const { cache } = copy;
  rmSync(cache);
  mkdirSync(join(cache, 'in-the-way'), { recursive: true });
  assert.deepEqual(copy.found(list), ['nothing']);
  assert.deepEqual(copy.found(list), ['nothing']);
  assert.equal(copy.caches.length, 1);
});

test('where nothing can be written everything works', (t: TestContext) => {
  using copy = new InstalledCopy();
  if (!makeReadOnly(copy.core, true)) {
    t.skip('this system has no folders like that');
    return;
  }
  try {
    assert.deepEqual(copy.found(build), ['nothing']);
    assert.deepEqual(copy.found(build), ['nothing']);
    assert.deepEqual(copy.caches, []);
  } finally {
    makeReadOnly(copy.core, false);
  }
});

test('each set of flags that V8 tells apart has a cache of its own, and other editions lose theirs', () => {
  using copy = new InstalledCopy();
  const flags = ['--stack-size=900'];
  copy.run(list);
  assert.deepEqual(copy.found(list, flags), ['nothing']);
  assert.deepEqual(copy.found(list, flags), ['used']);
  assert.deepEqual(copy.found(list), ['used']);
  const before = copy.caches;
  assert.equal(before.length, 2);
  utimesSync(join(copy.core, 'core.cjs'), 1, 1);
  assert.deepEqual(copy.found(list), ['nothing']);
  assert.equal(copy.caches.length, 1);
  assert.ok(!before.includes(copy.caches[0] ?? ''));
});

test('there is not any number of caches', () => {
  using copy = new InstalledCopy();
  for (let size = 900; size < 910; size++) copy.run(list, [`--stack-size=${size}`]);
  assert.equal(copy.caches.length, 8);
});

test('workers are killed in the end, and keep what they have compiled before', () => {
  using copy = new InstalledCopy();
  const pooled = `
import { Pool } from 'parproc/pool';
const pool = new Pool({ processes: 1 });
for (let i = 0; i < 3; i++) await pool.apply((n) => n, [i]);
pool.terminate();
`;
  const tasks = `
import { configure, isWorker, run, task } from 'parproc';
configure({ parallel: 1, cache: false });
task('a').action(() => 1);
task('b').deps('a').action(() => new Promise((resolve) => setImmediate(resolve)));
task('c').deps('b').action(() => 1);
if (!isWorker) await run('c');
`;
  // Workers of tasks have flags of their own, which newer versions of V8 do not tell apart.
  const [own, theirs] = [[], buildFlags([])].map((flags) =>
    execFileSync(process.execPath, [...flags, '-p', 'v8.cachedDataVersionTag()'], {
      encoding: 'utf8',
    }),
  );
  const ofTasks = own === theirs ? 1 : 2;
  // A pool by itself needs nothing of the first file.
  for (const [program, file, count] of [
    [pooled, 'rest', 1],
    [tasks, 'core', ofTasks],
  ] as const) {
    copy.run(program);
    assert.equal(copy.cachesOf(file).length, count);
    // In code that comes out of a cache, V8 cannot tell `import()` where it stands.
    assert.equal(copy.found(program, [], file).at(-1), 'used');
    for (const name of readdirSync(copy.core)) {
      if (name.endsWith('.cache')) rmSync(join(copy.core, name));
    }
  }
});

test('all parts are of one piece: classes are the same, whoever imports them and how', () => {
  using copy = new InstalledCopy();
  const told = copy.run(`
import { createRequire } from 'node:module';
import * as main from 'parproc';
import * as grunt from 'parproc/grunt';
import * as plugins from 'parproc/plugins';
import * as pool from 'parproc/pool';
const again = await import('./dist/bundle/main/index.js?again');
const required = createRequire(import.meta.url)('parproc/pool');
console.log(main.SoftTimeLimitExceeded === pool.SoftTimeLimitExceeded);
console.log(main.DefinitionError === again.DefinitionError, pool.Pool === required.Pool);
console.log(typeof grunt.registerTasks, typeof plugins.pooled);
try { main.configure({ nonsense: 1 }); } catch (error) { console.log(error.name, error instanceof again.UsageError); }
console.log(globalThis[Symbol.for('parproc.cores')].size);
`);
  assert.deepEqual(told.split('\n'), [
    'true',
    'true true',
    'function function',
    'UsageError true',
    '2',
    '',
  ]);
});

/** The superuser may write into any folder, unless it cannot be changed at all. @returns If that can be had. */
function makeReadOnly(folder: string, isSo: boolean): boolean {
  try {
    if (process.getuid?.() === 0) execFileSync('chattr', [isSo ? '+i' : '-i', folder]);
    else execFileSync('chmod', [isSo ? 'a-w' : 'u+w', folder]);
    return true;
  } catch {
    return false;
  }
}
