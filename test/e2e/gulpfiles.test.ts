import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const body = `
gulp.registry(parproc());
task('one::[x]').args({ x: ['a', 'b'] }).action((ctx, { x }) => x);
`;
const esm = `import gulp from 'gulp';\nimport { parproc, task } from 'parproc';\n${body}`;
const cjs = `const gulp = require('gulp');\nconst { parproc, task } = require('parproc');\n${body}`;
const typed = esm.replace('{ x }) => x', '{ x }): string => x');
const withTsx = ['--import', 'tsx'];

test('an ESM gulpfile works', async () => {
  using site = new TempProject({ 'gulpfile.mjs': esm });
  assert.deepEqual(endsOf(await runGulp(site, ['one::a', '--json'])), ['one::a succeeded']);
});

test('a CommonJS gulpfile works', async () => {
  using site = new TempProject({ 'gulpfile.cjs': cjs });
  assert.deepEqual(endsOf(await runGulp(site, ['one::a', '--json'])), ['one::a succeeded']);
});

test('a TypeScript gulpfile works with tsx, in either kind of package', async () => {
  for (const type of ['module', 'commonjs']) {
    using site = new TempProject({
      'parprocfile.ts': typed,
      'package.json': JSON.stringify({ type }),
    });
    const run = await runGulp(site, ['one::a', '--json'], {
      gulpfile: 'parprocfile.ts',
      nodeFlags: withTsx,
    });
    assert.deepEqual(endsOf(run), ['one::a succeeded']);
  }
});

test('a loader that gulp-cli sets up by --preload reaches the workers', async () => {
  using site = new TempProject({ 'parprocfile.ts': typed, 'package.json': '{}' });
  const preload = './node_modules/tsx/dist/cjs/index.cjs';
  const run = await runGulp(site, ['one::a', '--json', `--preload=${preload}`], {
    gulpfile: 'parprocfile.ts',
  });
  assert.deepEqual(endsOf(run), ['one::a succeeded']);
});

test('a loader from a .gulp.cjs file reaches the workers', async () => {
  using site = new TempProject({
    'parprocfile.ts': typed,
    'package.json': '{}',
    '.gulp.cjs': `module.exports = {
      gulpfile: './parprocfile.ts',
      preload: ['./node_modules/tsx/dist/cjs/index.cjs'],
    };`,
  });
  assert.deepEqual(endsOf(await runGulp(site, ['one::a', '--json'])), ['one::a succeeded']);
});

test('tasks in several files that import each other share one build', async () => {
  using site = new TempProject({
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc } from 'parproc';
      gulp.registry(parproc()); import './tasks/a.mjs'; import './tasks/b.mjs';`,
    'tasks/a.mjs': `import { task } from 'parproc'; import './b.mjs';
      task('a').deps('b').action(() => 1);`,
    'tasks/b.mjs': `import { task } from 'parproc'; import './a.mjs'; task('b').action(() => 1);`,
  });
  assert.deepEqual(endsOf(await runGulp(site, ['a', '--json'])), ['b succeeded', 'a succeeded']);
});

test('the package loaded by require and by import is the same', async () => {
  using site = twoImports('');
  const run = await runGulp(site, ['build', '--json'], { nodeFlags: withTsx });
  assert.match(run.stdout, /twice: false/);
  assert.deepEqual(endsOf(run), ['a succeeded']);
});

test('the package loaded twice, as of two places, is one build', async () => {
  using site = twoImports(`globalThis[Symbol.for('parproc.cores')].clear();`);
  const run = await runGulp(site, ['build', '--json'], { nodeFlags: withTsx });
  assert.match(run.stdout, /twice: true/);
  assert.deepEqual(endsOf(run), ['a succeeded']);
});

/** A gulpfile that requires the package, and imports what imports it, after `between`. */
function twoImports(between: string): TempProject {
  return new TempProject({
    'gulpfile.ts': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      gulp.registry(parproc()); task('a').action(() => 'a'); ${between}
      const other = import('./other.mjs');
      const load = async () => console.log('twice: ' + ((await other).task !== task));
      export const build = gulp.series(load, 'b::x');`,
    'package.json': '{}',
    'other.mjs': `import { task } from 'parproc'; task('b::[x]').deps('a'); export { task };`,
  });
}

test('a file that is loaded twice, by require and by import, defines its tasks once', async () => {
  using site = new TempProject({
    'gulpfile.ts': `import gulp from 'gulp'; import { parproc } from 'parproc';
      gulp.registry(parproc()); import './tasks.mjs';
      const again = import('./tasks.mjs?again');
      export const build = gulp.series(() => again, 'a::x');`,
    'tasks.mjs': `import { task } from 'parproc';
      globalThis.loads = (globalThis.loads ?? 0) + 1;
      task('a::[x]').inProcess().action(() => console.log('loads: ' + globalThis.loads));`,
    'package.json': '{}',
  });
  const run = await runGulp(site, ['build', '--json'], { nodeFlags: withTsx });
  assert.match(run.stdout, /loads: 2/);
  assert.deepEqual(endsOf(run), ['a::x succeeded']);
});

test("gulp's own tasks can be deps and dependants of ours, by name and as functions", async () => {
  using site = new TempProject({
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      gulp.registry(parproc());
      gulp.task('native', (done) => { console.log('native runs'); done(); });
      const ours = task('ours').deps('native').action(() => 1);
      const other = task('other').action(() => 2);
      export const build = gulp.series('ours', other.gulp(), (done) => done());`,
  });
  const run = await runGulp(site, ['build', '--json']);
  assert.deepEqual(endsOf(run), ['ours succeeded', 'other succeeded']);
  assert.equal(run.stdout.match(/native runs/g)?.length, 1);
});

test('names in one gulp.series share one run, in which each task runs once', async () => {
  using site = new TempProject({
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      gulp.registry(parproc());
      task('base').noSkip().action(() => 1);
      task('a').deps('base').action(() => 1);
      task('b').deps('base').action(() => 1);
      const pause = (done) => setTimeout(done, 30);
      export const build = gulp.series('a', pause, 'b');`,
  });
  const run = await runGulp(site, ['build', '--json']);
  assert.deepEqual(endsOf(run), ['base succeeded', 'a succeeded', 'b succeeded']);
  assert.equal(run.events.filter(({ event }) => event === 'run-ended').length, 1);
});

test('a gulp function is the action of a task by .wrap, its stream ends the task', async () => {
  using site = new TempProject({
    'src/a.txt': 'text',
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      gulp.registry(parproc());
      const copy = () => gulp.src('src/*', { encoding: false }).pipe(gulp.dest('out'));
      task('copy').inputs('src/*').outputs('out/*').wrap(copy);
      task('forgets').wrap(() => 1);`,
  });
  assert.deepEqual(endsOf(await runGulp(site, ['copy', '--json'])), ['copy succeeded']);
  assert.equal(site.read('out/a.txt'), 'text');
  const run = await runGulp(site, ['forgets', '--json'], { code: 1 });
  const failures = run.events.flatMap(({ failure }) => (failure ? [failure.reason] : []));
  assert.deepEqual(failures, ['never-completed']);
});

test('what gulp has composed can be wrapped in the gulp process', async () => {
  using site = new TempProject({
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      gulp.registry(parproc());
      const parts = gulp.series((done) => done(), async () => console.log('second part'));
      task('both').inProcess().wrap(parts);`,
  });
  const run = await runGulp(site, ['both', '--json']);
  assert.match(run.stdout, /second part/);
  assert.deepEqual(endsOf(run), ['both succeeded']);
});

test('with --continue gulp goes on after a failure, and still exits with 1', async () => {
  using site = new TempProject({
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      gulp.registry(parproc());
      task('bad').action(() => { throw new Error('no'); });
      task('good').action(() => 1);
      export const build = gulp.series('bad', 'good');`,
  });
  const run = await runGulp(site, ['build', '--continue', '--json'], { code: 1 });
  assert.deepEqual(endsOf(run), ['bad failed', 'good succeeded']);
});
