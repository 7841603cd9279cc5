import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleaner } from '../../lib/index.ts';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import gulp from 'gulp';
import { cleaner, parproc, task } from 'parproc';
gulp.registry(parproc());
const make = (path) => { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, path); };
task('page::[env]').args({ env: ['dev', 'prod'] }).inputs('src.txt').outputs('dist/[env]/page.html')
  .action((ctx) => make(ctx.outputs[0]));
task('icons').inputs('src.txt').outputs('dist/icons').action(() => make('dist/icons/deep/a.svg'));
task('maps').inputs('src.txt').outputs('maps/*.map').action(() => make('maps/a.map'));
task('site::[env]').args({ env: ['dev', 'prod'] }).deps('page::[env]', 'icons', 'maps');
task('outside').inputs('src.txt').outputs('dist/x.txt', '../outside.txt').action(() => undefined);
task('itself').inputs('src.txt').outputs('.').action(() => undefined);
task('through').inputs('src.txt').outputs('linked/x.txt').action(() => undefined);
export const clean = cleaner('site::dev');
export const rebuild = gulp.series(cleaner('site::*'), 'site::prod');
export const wrong = cleaner('sight::dev');
export const cleanOutside = cleaner('icons', 'outside');
export const cleanItself = cleaner('itself');
export const cleanThrough = cleaner('through');
`;

function project(): TempProject {
  return new TempProject({ 'gulpfile.mjs': gulpfile, 'src.txt': '', 'maps/mine.txt': 'mine' });
}

test('cleaner() removes what tasks and their deps make, empty folders with it, and nothing else', async () => {
  using site = project();
  await runGulp(site, ['site::*']);
  await runGulp(site, ['clean']);
  assert.deepEqual(readdirSync(join(site.folder, 'dist')), ['prod']);
  assert.deepEqual(readdirSync(join(site.folder, 'maps')), ['mine.txt']);
  const again = await runGulp(site, ['site::*', '--json']);
  assert.deepEqual(endsOf(again).sort(), [
    'icons succeeded',
    'maps succeeded',
    'page::dev succeeded',
    'page::prod up-to-date',
  ]);
  await runGulp(site, ['rebuild']);
  assert.deepEqual(readdirSync(join(site.folder, 'dist')).sort(), ['icons', 'prod']);
});

test('what nothing stands for is an error, and a dry run removes nothing', async () => {
  using site = project();
  await runGulp(site, ['site::dev']);
  const { stderr, stdout } = await runGulp(site, ['wrong'], { code: 2 });
  assert.match(stderr + stdout, /Did you mean 'site::\[env\]'\?/);
  await runGulp(site, ['clean', '--dry-run']);
  assert.ok(existsSync(join(site.folder, 'dist/dev/page.html')));
  assert.throws(() => cleaner(), { code: 'invalid-name' });
});

test('what is not below the folder of the gulpfile is not removed, nor anything beside it', async () => {
  using site = project();
  const outside = mkdtempSync(join(tmpdir(), 'parproc-outside-'));
  try {
    await runGulp(site, ['icons']);
    site.write('dist/x.txt', 'x');
    site.write('../outside.txt', 'outside');
    site.write(join('..', outside.slice(outside.lastIndexOf('/')), 'x.txt'), 'x');
    symlinkSync(outside, join(site.folder, 'linked'));
    for (const name of ['cleanOutside', 'cleanItself', 'cleanThrough']) {
      const { stderr, stdout } = await runGulp(site, [name], { code: 1 });
      assert.match(stderr + stdout, /is not below .*, so it is not removed/);
    }
    for (const kept of ['dist/x.txt', '../outside.txt', 'dist/icons/deep/a.svg', 'linked/x.txt']) {
      assert.ok(existsSync(join(site.folder, kept)), kept);
    }
  } finally {
    site.remove('../outside.txt');
    rmSync(outside, { recursive: true });
  }
});

test('of a link only the link goes', async () => {
  using site = project();
  await runGulp(site, ['icons']);
  site.remove('dist/icons');
  mkdirSync(join(site.folder, 'elsewhere'));
  site.write('elsewhere/kept.txt', 'kept');
  symlinkSync(join(site.folder, 'elsewhere'), join(site.folder, 'dist/icons'));
  await runGulp(site, ['clean']);
  assert.ok(!existsSync(join(site.folder, 'dist')));
  assert.equal(site.read('elsewhere/kept.txt'), 'kept');
});

test('cleaner() removes what ctx.dest() wrote, in every run, but no input and nothing that was changed since', async () => {
  using site = new TempProject({
    'src/a.txt': 'a',
    'src/b.txt': 'b',
    'src/c.txt': 'c',
    'dist/mine.txt': 'mine',
    'gulpfile.mjs': `
import { existsSync } from 'node:fs';
import gulp from 'gulp';
import { cleaner, parproc, task } from 'parproc';
gulp.registry(parproc());
task('copy').inputs('src/*.txt').action(async (ctx) => {
  await new Promise((resolve, reject) =>
    ctx.src().pipe(ctx.dest('dist/deep')).on('finish', resolve).on('error', reject).resume());
  if (existsSync('bad')) throw new Error('no good');
});
task('format').inputs('src/*.txt').action((ctx) => ctx.src().pipe(ctx.dest('src')));
export const clean = cleaner('copy', 'format');
`,
  });
  const dist = () => readdirSync(join(site.folder, 'dist'), { recursive: true }).sort();
  site.write('bad', '');
  await runGulp(site, ['copy'], { code: 1 });
  await runGulp(site, ['clean']);
  assert.deepEqual(dist(), ['mine.txt'], 'after a first run that failed');
  await runGulp(site, ['copy'], { code: 1 });
  site.remove('src/c.txt');
  site.remove('bad');
  await runGulp(site, ['copy', 'format']);
  site.remove('src/b.txt');
  await runGulp(site, ['copy']);
  assert.deepEqual(dist(), ['deep', 'deep/a.txt', 'deep/b.txt', 'deep/c.txt', 'mine.txt']);
  site.write('dist/deep/b.txt', 'by hand');
  await runGulp(site, ['clean']);
  assert.deepEqual(dist(), ['deep', 'deep/b.txt', 'mine.txt']);
  assert.deepEqual(readdirSync(join(site.folder, 'src')), ['a.txt']);
  const again = endsOf(await runGulp(site, ['copy', '--json', '-S']));
  assert.deepEqual(again, ['copy succeeded']);
});
