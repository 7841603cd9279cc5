import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { libUrl, TestPool } from '../pool/test-pool.ts';
import { repository } from '../rig/temp-project.ts';

const gulpBin = realpathSync(join(repository, 'node_modules/gulp/bin/gulp.js'));
const importUs = `import { task } from '${libUrl}';`;

test('the build file sees the command line of the parent and its own folder', async () => {
  await using pool = new TestPool(
    `
    const seen = [process.argv.slice(1), process.cwd()];
    task('seen').action(() => seen);
  `,
    { setup: { argv: ['/bin/program.mjs', 'site::dev', '--full'] } },
  );
  assert.deepEqual(await pool.valueOf('seen'), [
    ['/bin/program.mjs', 'site::dev', '--full'],
    realpathSync(pool.project.folder),
  ]);
});

test('a file with top-level await is imported, one that never gets past it is an error', async () => {
  await using fine = new TestPool(
    `const late = await Promise.resolve(1); task('t').action(() => late);`,
  );
  assert.equal(await fine.valueOf('t'), 1);
  await using stuck = new TestPool(`await new Promise(() => {}); task('t').action(() => 1);`);
  const { reason, error } = await stuck.failureOf('t');
  assert.equal(reason, 'worker-start-failed');
  assert.match(error?.message ?? '', /stuck at a top-level await/);
});

test('a CommonJS build file is required, so that it has what it is used to', async () => {
  await using pool = new TestPool(
    `
    globalThis.seen = [typeof require, typeof module, __filename.slice(-10)];
  `,
    { file: 'before.cjs', more: { 'tasks.mjs': `${importUs} task('t').action(() => seen);` } },
  );
  assert.deepEqual(await pool.valueOf('t'), ['function', 'object', 'before.cjs']);
});

test('gulp.watch does nothing in a worker, however gulp is imported, and its watcher is chained', async () => {
  await using pool = new TestPool(
    `
    import gulp, { watch } from 'gulp';
    for (const each of [gulp.watch, watch]) {
      each('*.css', () => {}).on('change', () => {}).add('a').unwatch('b').close().then(() => {});
    }
    task('never').action((ctx, args, done) => {});
  `,
    { setup: { argv: [gulpBin] } },
  );
  assert.deepEqual(await pool.failureOf('never'), { reason: 'never-completed' });
});

test('the loader of gulp-cli is set up alike: what --preload names comes first, and is quiet', async () => {
  await using pool = new TestPool(
    `
    const preloaded = globalThis.preloaded;
    task('t').action(() => preloaded);
  `,
    { setup: { argv: [gulpBin, '--preload', './before.cjs', 't'], loader: 'gulp-cli' } },
  );
  pool.project.write('before.cjs', 'globalThis.preloaded = __filename.slice(-10);');
  const { outcome, stdout, stderr } = await pool.run('t');
  assert.deepEqual(outcome, { kind: 'succeeded', value: 'before.cjs' });
  assert.deepEqual([stdout, stderr], ['', '']);
});

test('several files are imported in their order', async () => {
  const more = {
    'b.mjs': `globalThis.order.push('b');`,
    'c.mjs': `${importUs} task('t').action(() => order);`,
  };
  await using pool = new TestPool(`globalThis.order = ['a'];`, { file: 'a.mjs', more });
  assert.deepEqual(await pool.valueOf('t'), ['a', 'b']);
});
