import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
  import { appendFileSync } from 'node:fs';
  import { Transform } from 'node:stream';
  import gulp from 'gulp';
  import concat from 'gulp-concat';
  import { parproc, task } from 'parproc';
  import { cached, changed, remember } from 'parproc/plugins';
  gulp.registry(parproc());

  const upper = () => new Transform({ objectMode: true, transform(file, _encoding, done) {
    appendFileSync('seen.txt', file.relative + ' ');
    if (process.env.BAD === file.relative) return done(new Error('no good'));
    file.contents = Buffer.from(file.contents.toString().toUpperCase());
    done(null, file);
  }});
  export const all = () => gulp.src('src/*.txt').pipe(changed('all')).pipe(upper()).pipe(remember('all'))
    .pipe(concat('all.txt')).pipe(gulp.dest('dist'));
  export const each = () => gulp.src('src/*.txt').pipe(changed('each')).pipe(upper()).pipe(gulp.dest('dist'));
  export const kept = () => gulp.src('src/*.txt').pipe(cached(upper)).pipe(gulp.dest('dist'));
  task('task-all').noSkip().wrap(all);
  task('task-each').noSkip().wrap(each);
  task('task-kept').noSkip().wrap(kept);
`;

for (const prefix of ['', 'task-']) {
  const where = prefix === '' ? 'gulp tasks' : 'tasks in workers';
  test(`changed, remember and cached last from one run to the next: ${where}`, async () => {
    using project = new TempProject({
      'gulpfile.mjs': gulpfile,
      'src/a.txt': 'a',
      'src/b.txt': 'b',
    });
    /** Which files were worked on. */
    const run = async (name: string, code = 0, env = {}) => {
      project.write('seen.txt', '');
      await runGulp(project, [prefix + name], { code, env });
      return project.read('seen.txt').trim();
    };
    assert.deepEqual([await run('all'), project.read('dist/all.txt')], ['a.txt b.txt', 'A\nB']);
    assert.ok(existsSync(join(project.folder, '.parproc/plugins.sqlite')));
    project.remove('dist');
    assert.deepEqual([await run('all'), project.read('dist/all.txt')], ['', 'A\nB']);
    project.write('src/b.txt', 'bb');
    assert.deepEqual([await run('all'), project.read('dist/all.txt')], ['b.txt', 'A\nBB']);

    await run('each', 1, { BAD: 'b.txt' });
    assert.equal(await run('each'), 'a.txt b.txt');
    assert.equal(await run('each'), '');

    await run('kept', 1, { BAD: 'b.txt' });
    // Whether the other one was put away before the end is open.
    const again = (await run('kept')).split(' ').sort();
    assert.ok(['b.txt', 'a.txt b.txt'].includes(again.join(' ')), again.join(' '));
    project.remove('dist');
    assert.equal(await run('kept'), '');
    assert.equal(project.read('dist/a.txt'), 'A');
  });
}

test('code of the project that has changed makes all files changed ones', async () => {
  using project = new TempProject({
    'gulpfile.mjs': `
      import { appendFileSync } from 'node:fs';
      import gulp from 'gulp';
      import { cached, changed, pooled } from 'parproc/plugins';
      import { upper } from './upper.mjs';
      const module = new URL('tools.mjs', import.meta.url);
      export const one = () => gulp.src('src/*.txt').pipe(changed('one'))
        .pipe(pooled({ module, export: 'banner' })).pipe(gulp.dest('dist'));
      export const two = () => gulp.src('src/*.txt').pipe(cached(upper, { key: 'two' })).pipe(gulp.dest('dist'));
      export const three = () => gulp.src('src/*.txt')
        .pipe(cached(() => pooled({ module, export: 'banner' }), { key: 'three' })).pipe(gulp.dest('dist'));
    `,
    'upper.mjs': `
      import { Transform } from 'node:stream';
      import { suffix } from './suffix.mjs';
      export const upper = () => new Transform({ objectMode: true, transform(file, _encoding, done) {
        file.contents = Buffer.from(file.contents.toString().toUpperCase() + suffix);
        done(null, file);
      }});
    `,
    'suffix.mjs': `export const suffix = '';`,
    'tools.mjs': `
      import { text } from './text.mjs';
      export const banner = (file) => text + file.contents;
    `,
    'text.mjs': `export const text = '1';`,
    'src/a.txt': 'a',
  });
  const built = async (name: string) => {
    project.remove('dist');
    await runGulp(project, [name]);
    const { folder } = project;
    return existsSync(join(folder, 'dist/a.txt')) ? project.read('dist/a.txt') : undefined;
  };
  assert.deepEqual([await built('one'), await built('one')], ['1a', undefined]);
  assert.deepEqual([await built('two'), await built('three')], ['A', '1a']);
  project.write('text.mjs', `export const text = '2';`);
  assert.deepEqual([await built('one'), await built('one')], ['2a', undefined]);
  assert.equal(await built('three'), '2a');
  project.write('suffix.mjs', `export const suffix = '!';`);
  assert.deepEqual([await built('two'), await built('one')], ['A!', '2a']);
});
