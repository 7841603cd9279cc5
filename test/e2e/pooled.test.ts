import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
  import gulp from 'gulp';
  import { parproc, task } from 'parproc';
  import { pooled } from 'parproc/plugins';
  gulp.registry(parproc({ cache: false, killGrace: 200 }));

  const transforms = new URL('transforms.mjs', import.meta.url);
  const build = (name, options) => () =>
    gulp.src('src/*.txt').pipe(pooled({ module: transforms, export: name }, options)).pipe(gulp.dest('dist'));

  export const plain = build('upper');
  export const broken = build('fail');
  export const stuck = build('spin', { timeout: 100 });
  task('inside').wrap(build('upper'));
  task('inside-broken').wrap(build('fail'));
  task('inside-stuck').timeout(1500).wrap(build('spin'));
  task('inside-process').inProcess().wrap(build('upper'));
`;

const transforms = `
  export const upper = (file) => file.contents.toString().toUpperCase();
  export const fail = (file) => { if (file.stem !== 'c') throw new Error('no good'); return file.contents; };
  export const spin = () => { for (;;); };
`;

function site(): TempProject {
  return new TempProject({
    'gulpfile.mjs': gulpfile,
    'transforms.mjs': transforms,
    'src/a.txt': 'one',
    'src/b.txt': 'two',
  });
}

// That no process is left is asserted by runGulp.
for (const name of ['plain', 'inside', 'inside-process']) {
  test(`a pooled pipeline works and ends with the program: ${name}`, async () => {
    using project = site();
    await runGulp(project, [name]);
    assert.deepEqual([project.read('dist/a.txt'), project.read('dist/b.txt')], ['ONE', 'TWO']);
  });
}

for (const name of ['broken', 'inside-broken']) {
  test(`an error in a pooled pipeline is told with plugin and file, exit code 1: ${name}`, async () => {
    using project = site();
    const { stdout, stderr } = await runGulp(project, [name], { code: 1 });
    assert.match(stdout + stderr, /pooled\(fail\): src\/[ab]\.txt: no good/);
    assert.match(stdout + stderr, /transforms\.mjs:3/);
  });
}

test('a file over its time limit fails the build with its name', async () => {
  using project = site();
  const { stdout, stderr } = await runGulp(project, ['stuck'], { code: 1 });
  assert.match(stdout + stderr, /pooled\(spin\): src\/[ab]\.txt: .*100 ms/);
});

test('a task over its time limit takes the processes of its pipeline along', async () => {
  using project = site();
  const { stdout } = await runGulp(project, ['inside-stuck'], { code: 1 });
  assert.match(stdout, /inside-stuck {2}timed out|inside-stuck {2}stopped|1\.5 s/);
});
