import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endsOf, type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc());
for (let i = 0; i < 8; i++) {
  task('t' + i).inputs('in/' + i + '.txt').outputs('out/' + i + '.txt').action(() => {
    mkdirSync('out', { recursive: true });
    writeFileSync('out/' + i + '.txt', 'made of ' + readFileSync('in/' + i + '.txt', 'utf8'));
    return 'x'.repeat(40000);
  });
}
task('all').deps(...Array.from({ length: 8 }, (_, i) => 't' + i));
`;
const file = '.parproc/cache.sqlite';

function project(): TempProject {
  const inputs = Array.from({ length: 8 }, (_, i) => [`in/${i}.txt`, `one ${i}`] as const);
  return new TempProject({ 'gulpfile.mjs': gulpfile, ...Object.fromEntries(inputs) });
}

const warningsIn = ({ events }: GulpResult): unknown[] =>
  events.flatMap(({ event, code }) => (event === 'warning' ? [code] : []));

/** Changes an input, and has the build say how often it warns; what is made is right. */
async function builds(site: TempProject, text: string): Promise<unknown[]> {
  site.write('in/0.txt', text);
  const run = await runGulp(site, ['all', '--json']);
  assert.equal(site.read('out/0.txt'), `made of ${text}`);
  for (let i = 1; i < 8; i++) assert.equal(site.read(`out/${i}.txt`), `made of one ${i}`);
  return warningsIn(run);
}

/** The run after the trouble is gone has nothing to say, and the one after it nothing to do. */
async function isClean(site: TempProject): Promise<void> {
  assert.deepEqual(await builds(site, 'after'), []);
  const again = await runGulp(site, ['all', '--json']);
  assert.ok(endsOf(again).every((end) => end.endsWith('up-to-date')));
  assert.deepEqual(warningsIn(again), []);
}

test('a cache file that is no database is set aside, and the build is right', async () => {
  for (const foreign of ['no database', 'x'.repeat(50_000), '{"json":true}']) {
    using site = project();
    await builds(site, 'before');
    site.write(file, foreign);
    assert.deepEqual(await builds(site, 'with'), ['cache-damaged']);
    assert.equal(site.read(`${file}.corrupt`), foreign);
    await isClean(site);
  }
});

test('a database that somebody else has made is used as far as it goes', async () => {
  using site = project();
  mkdirSync(join(site.folder, '.parproc'));
  const make = `import('@keyv/sqlite').then(({ KeyvSqlite }) => new KeyvSqlite({
    uri: 'sqlite://${join(site.folder, file)}' }).query('CREATE TABLE other (a)'))`;
  assert.equal(spawnSync(process.execPath, ['-e', make]).status, 0);
  spawnSync('chmod', ['600', join(site.folder, file)]);
  assert.deepEqual(await builds(site, 'with'), []);
  await isClean(site);
});

test('a folder where the cache file would be is said, and the build is right', async () => {
  using site = project();
  mkdirSync(join(site.folder, file), { recursive: true });
  assert.deepEqual(await builds(site, 'with'), ['cache-off']);
  site.remove(file);
  await isClean(site);
});

test('a cache that belongs to another user is left alone and said, and the build is right', async (t) => {
  using site = project();
  await builds(site, 'before');
  if (process.getuid?.() !== 0) return t.skip('only root can give a file away');
  chownSync(join(site.folder, file), 12_345, 12_345);
  assert.deepEqual(await builds(site, 'with'), ['cache-off']);
  assert.equal(statSync(join(site.folder, file)).uid, 12_345);
  site.remove(file);
  await isClean(site);
});

for (const [name, make] of [
  ['a full disk', fullDisk],
  ['a disk that is read-only', readOnlyDisk],
] as const) {
  test(`${name} is said, and the build is right`, async (t) => {
    using site = project();
    const disk = make(site);
    if (disk === undefined) return t.skip('mounting is not possible here');
    try {
      assert.deepEqual(await builds(site, 'with'), ['cache-off']);
      disk.mend();
      await isClean(site);
    } finally {
      disk.remove();
    }
  });
}

interface Disk {
  /** There is room again, or it can be written to. */
  mend(): void;
  remove(): void;
}

/** The cache's folder is a file system of its own; undefined if that cannot be had here. */
function mounted(site: TempProject): ((options: string) => boolean) | undefined {
  const folder = join(site.folder, '.parproc');
  mkdirSync(folder);
  const mount = (options: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
  return mount('size=128k,mode=700') ? mount : undefined;
}

function remount(site: TempProject, options: string): void {
  const folder = join(site.folder, '.parproc');
  assert.equal(spawnSync('mount', ['-o', `remount,${options}`, folder]).status, 0);
}

function unmount(site: TempProject): void {
  assert.equal(spawnSync('umount', [join(site.folder, '.parproc')]).status, 0);
}

function fullDisk(site: TempProject): Disk | undefined {
  if (mounted(site) === undefined) return undefined;
  return {
    mend: () => remount(site, 'size=64m'),
    remove: () => unmount(site),
  };
}

function readOnlyDisk(site: TempProject): Disk | undefined {
  if (mounted(site) === undefined) return undefined;
  remount(site, 'size=64m');
  writeFileSync(join(site.folder, '.parproc/.gitignore'), '*\n');
  remount(site, 'ro');
  assert.ok(existsSync(join(site.folder, '.parproc/.gitignore')));
  return {
    mend: () => remount(site, 'rw'),
    remove: () => unmount(site),
  };
}
