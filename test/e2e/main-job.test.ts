import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { isWorker, parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 2 }));
task('styles::[env]')
  .args({ env: ['dev', 'prod'] })
  .describe('Styles')
  .inputs('src/*.css')
  .outputs('dist/[env].css')
  .action((ctx, { env }) => {
    mkdirSync('dist', { recursive: true });
    writeFileSync(ctx.outputs[0], ctx.inputs.map((file) => readFileSync(file, 'utf8')).join(env));
    console.log('made ' + env + ' in ' + (isWorker ? 'a worker' : 'gulp'));
  });
task('site::[env]').args({ env: ['dev', 'prod'] }).deps('styles::[env]');
task('default').deps('site::*');
`;

function project(): TempProject {
  return new TempProject({ 'gulpfile.mjs': gulpfile, 'src/a.css': 'a{}', 'src/b.css': 'b{}' });
}

test('gulp builds through child processes, and leaves none behind', async () => {
  using site = project();
  const run = await runGulp(site, ['site::*']);
  assert.match(run.stdout, /made dev in a worker/);
  assert.match(run.stdout, /2 ran, 0 up to date, 0 failed in /);
  assert.equal(site.read('dist/prod.css'), 'a{}prodb{}');
});

test('a second run finds everything up to date, also after touching files', async () => {
  using site = project();
  await runGulp(site, []);
  site.write('src/a.css', 'a{}');
  const again = await runGulp(site, ['--json']);
  assert.deepEqual(endsOf(again).sort(), ['styles::dev up-to-date', 'styles::prod up-to-date']);
});

test('a changed input runs what depends on it, and says which file it was', async () => {
  using site = project();
  await runGulp(site, []);
  site.write('src/a.css', 'a{color:red}');
  const again = await runGulp(site, ['styles::dev', '--json']);
  assert.deepEqual(endsOf(again), ['styles::dev succeeded']);
  const start = again.events.find(({ event }) => event === 'task-started');
  assert.deepEqual(start?.reasons, [{ kind: 'input-changed', path: 'src/a.css' }]);
});

test('an output that was deleted or changed is made again', async () => {
  using site = project();
  await runGulp(site, []);
  site.remove('dist/dev.css');
  site.write('dist/prod.css', 'tampered');
  const again = await runGulp(site, ['--json']);
  assert.deepEqual(endsOf(again).sort(), ['styles::dev succeeded', 'styles::prod succeeded']);
  assert.equal(site.read('dist/prod.css'), 'a{}prodb{}');
});

test('--full runs what is up to date', async () => {
  using site = project();
  await runGulp(site, []);
  const again = await runGulp(site, ['styles::dev', '--full', '--json']);
  assert.deepEqual(endsOf(again), ['styles::dev succeeded']);
});

test('the cache folder hides itself from git', async () => {
  using site = project();
  await runGulp(site, ['styles::dev']);
  assert.equal(site.read('.parproc/.gitignore'), '*\n');
});

test('gulp --tasks lists protos with descriptions, choices and deps, and runs nothing', async () => {
  using site = project();
  const { stdout } = await runGulp(site, ['--tasks']);
  assert.match(stdout, /styles::\[env\]\s+Styles/);
  assert.match(stdout, /\[env\]\s+…dev \| prod/);
  assert.match(stdout, /site::\[env\].*styles::\[env\]/s);
  assert.doesNotMatch(stdout, /made|ran,/);
  assert.throws(() => site.read('.parproc/.gitignore'));
});

test('several names on the command line share one run', async () => {
  using site = project();
  const run = await runGulp(site, ['site::dev', 'styles::dev', 'site::*', '--json']);
  assert.deepEqual(endsOf(run).sort(), ['styles::dev succeeded', 'styles::prod succeeded']);
  assert.equal(run.events.filter(({ event }) => event === 'run-started').length, 1);
});
