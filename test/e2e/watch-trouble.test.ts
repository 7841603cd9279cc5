import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { live } from '../rig/live-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import gulp from 'gulp';
import { readFileSync, writeFileSync } from 'node:fs';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 2, watchDebounce: 50 }));
for (const name of ['a', 'b']) {
  task(name).inputs(name + '/*.txt').outputs(name + '.out').action(() => writeFileSync(name + '.out', readFileSync(name + '/x.txt')));
}
task('all').deps('a', 'b');
`;

const files = { 'a/x.txt': '1', 'b/x.txt': '1', 'gulpfile.mjs': gulpfile };

/** Runs a command where the system allows so little; a user namespace has limits of its own. */
const withLimit = (name: string, limit: number): string[] => [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  `echo ${limit} > /proc/sys/user/${name} && exec "$@"`,
  'sh',
];

const [program = '', ...words] = [...withLimit('max_inotify_watches', 2), 'true'];
const canLimit = spawnSync(program, words).status === 0;
const skip = canLimit ? false : 'needs user namespaces';

for (const [code, limit, amount, remedy] of [
  ['ENOSPC', 'max_inotify_watches', 2, 'max_user_watches'],
  ['EMFILE', 'max_inotify_instances', 0, 'max_user_instances'],
] as const) {
  test(`where the system watches no more (${code}) it is said once, and files are looked at`, {
    skip,
  }, async () => {
    using project = new TempProject(files);
    const { events } = await live(
      project,
      ['all'],
      async (gulp) => {
        await gulp.settled();
        for (const round of ['2', '3']) {
          project.write('a/x.txt', round);
          await gulp.rebuilt();
          project.write('b/x.txt', round);
          await gulp.rebuilt();
          assert.deepEqual([project.read('a.out'), project.read('b.out')], [round, round]);
        }
        project.remove('a');
        await gulp.rebuilt();
        project.write('a/x.txt', 'back');
        await gulp.rebuilt();
        assert.equal(project.read('a.out'), 'back');
      },
      { within: withLimit(limit, amount) },
    );
    const warnings = events.filter(({ event }) => event === 'warning');
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0]?.['code'], 'watch-polling');
    assert.match(String(warnings[0]?.['text']), new RegExp(`${code}.*${remedy}`));
  });
}

/** Nothing is heard of the folder `a`; SIGUSR2 lets its watcher report an error. */
const deafness = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const real = fs.watch;
fs.watch = (path, options, listener) => {
  const isDeaf = /[/]a$/.test(path);
  const watcher = real(path, options, isDeaf ? () => {} : listener);
  if (isDeaf) process.on('SIGUSR2', () => watcher.emit('error', new Error('overflow')));
  return watcher;
};
syncBuiltinESMExports();
`;

test('what was not heard of is found after the next run', async () => {
  using project = new TempProject({ ...files, 'deaf.mjs': deafness });
  await live(
    project,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      project.write('a/x.txt', '2');
      project.write('b/x.txt', '2');
      await gulp.changed();
      await gulp.rebuilt();
      assert.deepEqual([project.read('a.out'), project.read('b.out')], ['2', '2']);
    },
    { nodeFlags: ['--import', './deaf.mjs'] },
  );
});

test('what was not heard of is found when the watcher reports an error', async () => {
  using project = new TempProject({ ...files, 'deaf.mjs': deafness });
  const { events } = await live(
    project,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      project.write('a/x.txt', '2');
      gulp.child.kill('SIGUSR2');
      await gulp.rebuilt();
      assert.equal(project.read('a.out'), '2');
    },
    { nodeFlags: ['--import', './deaf.mjs'] },
  );
  assert.ok(events.some(({ event, code }) => event === 'warning' && code === 'watch-trouble'));
});

test('a task that changes its inputs once runs once more', async () => {
  using project = new TempProject({
    'src/x.txt': 'text',
    'gulpfile.mjs': `${gulpfile}
task('format').inputs('src/*.txt').action(() => {
  const text = readFileSync('src/x.txt', 'utf8');
  if (!text.endsWith('.')) writeFileSync('src/x.txt', text + '.');
});
`,
  });
  const { events } = await live(project, ['format'], async (gulp) => {
    await gulp.changed();
    await gulp.settled();
    project.write('src/x.txt', 'other');
    await gulp.changed();
    await gulp.changed();
    await gulp.settled();
    assert.equal(project.read('src/x.txt'), 'other.');
  });
  const ran = events.filter(({ event }) => event === 'task-started').length;
  assert.equal(ran, 4);
});

test('a task that changes its inputs each time is told of and runs more seldom', async () => {
  using project = new TempProject({
    ...files,
    'src/x.txt': '',
    'gulpfile.mjs': `${gulpfile}
task('grow').inputs('src/*.txt').action(() => writeFileSync('src/x.txt', readFileSync('src/x.txt', 'utf8') + '.'));
task('both').deps('all', 'grow');
`,
  });
  const { events } = await live(project, ['both'], async (gulp) => {
    await gulp.next(({ event, code }) => event === 'warning' && code === 'watch-loop');
    project.write('a/x.txt', 'still');
    await gulp.next(({ event, tasks }) => event === 'files-changed' && String(tasks) === 'a');
    await gulp.task('a', 'ended');
    assert.equal(project.read('a.out'), 'still');
  });
  const warnings = events.filter(({ event }) => event === 'warning');
  assert.equal(warnings.length, 1);
});
