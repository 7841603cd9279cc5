import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configure, UsageError } from '../../lib/index.ts';
import { Bursts } from '../../lib/watch/bursts.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import { live, storyIn } from '../rig/live-gulp.ts';
import { Theatre } from '../rig/puppet.ts';
import { runScript } from '../rig/run-script.ts';
import { TempProject } from '../rig/temp-project.ts';
import { theatreProject } from '../rig/theatre-project.ts';
import { endOfRows, row } from './rows.ts';

const head = `
import gulp from 'gulp';
import { readFileSync, writeFileSync } from 'node:fs';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 2, watchDebounce: 50 }));
`;

/** `deploy` needs `test` needs `build`, which reads `src`; `unrelated` is apart from them. */
const chain = `${head}
task('build').inputs('src/**/*.py').outputs('built.txt').action(() => writeFileSync('built.txt', readFileSync('src/x.py')));
task('test').deps('build').action(() => readFileSync('built.txt', 'utf8'));
task('deploy').deps('test').action((ctx) => writeFileSync('deployed.txt', ctx.results.test));
task('unrelated').inputs('src/**/*.py').action(() => writeFileSync('unrelated.txt', ''));
`;

const files = { 'src/x.py': '1', 'gulpfile.mjs': chain };

row(
  'I24',
  '(changed: there are no numbers) what needs a changed task comes about again too',
  async () => {
    using project = new TempProject(files);
    const { events } = await live(project, ['test'], async (gulp) => {
      await gulp.settled();
      project.write('src/x.py', '2');
      await gulp.rebuilt();
    });
    assert.deepEqual(storyIn(events).slice(4), [
      'changed for build',
      'build started',
      'build succeeded',
      'test started',
      'test succeeded',
    ]);
  },
);

row('I25', 'what has succeeded is done until something changes', async () => {
  using project = new TempProject(files);
  const { events } = await live(project, ['test'], async (gulp) => {
    await gulp.settled();
    project.write('src/x.py', '1');
    await gulp.settled();
  });
  assert.equal(storyIn(events).length, 4);
});

row('I26', '(changed: watching needs no permission) watch() works as it is', async () => {
  const { told } = await runScript(
    `import { writeFileSync, readFileSync } from 'node:fs';
     configure({ watchDebounce: 20 });
     writeFileSync('in.txt', 'first');
     let built;
     const next = () => new Promise((resolve) => { built = resolve; });
     task('build').inputs('in.txt').action(() => built(readFileSync('in.txt', 'utf8')));
     let result = next();
     const watching = watch('build');
     tell(await result);
     result = next();
     writeFileSync('in.txt', 'second');
     tell(await result);
     process.kill(process.pid, 'SIGINT');
     await watching;
     tell('over');`,
    { mode: 'single', code: 130 },
  );
  assert.deepEqual(told, ['first', 'second', 'over']);
  assert.throws(() => configure({ watch: true } as object), UsageError);
});

row('I27', 'what the deps of deps read is watched', async () => {
  using project = new TempProject(files);
  await live(project, ['deploy'], async (gulp) => {
    await gulp.settled();
    project.write('src/x.py', '2');
    await gulp.rebuilt();
    assert.equal(project.read('deployed.txt'), '2');
  });
});

row('I28', 'a task that was changed has run twice, one that nobody wants never', async () => {
  using project = new TempProject(files);
  const { events } = await live(project, ['deploy'], async (gulp) => {
    await gulp.settled();
    project.write('src/x.py', '2');
    await gulp.rebuilt();
  });
  const story = storyIn(events);
  assert.equal(story.filter((line) => line === 'build started').length, 2);
  assert.equal(story.filter((line) => line.startsWith('unrelated')).length, 0);
});

row('I30', 'a glob is watched from the folder on that is no pattern', async () => {
  using project = new TempProject(files);
  await live(project, ['build'], async (gulp) => {
    const { folders } = await gulp.next(({ event }) => event === 'watch-started');
    assert.deepEqual(folders, ['src']);
  });
});

row('I31', 'files of one folder and of folders in it make one that is watched', async () => {
  using project = new TempProject({
    'root/a': '',
    'root/nested/b': '',
    'gulpfile.mjs': `${head}task('x').inputs('root/a', 'root/nested/b').action(() => {});`,
  });
  await live(project, ['x'], async (gulp) => {
    const { folders } = await gulp.next(({ event }) => event === 'watch-started');
    assert.deepEqual(folders, ['root']);
  });
});

const withoutWatches = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
  'sh',
];
const [program = '', ...words] = [...withoutWatches, 'true'];

row('I32', 'where the system watches nothing, files are looked at', async () => {
  if (spawnSync(program, words).status !== 0) return;
  using project = new TempProject(files);
  const { events } = await live(
    project,
    ['build'],
    async (gulp) => {
      const { folders } = await gulp.next(({ event }) => event === 'watch-started');
      assert.deepEqual(folders, ['src']);
      await gulp.settled();
      project.write('src/x.py', '2');
      await gulp.rebuilt();
      assert.equal(project.read('built.txt'), '2');
    },
    { within: withoutWatches },
  );
  assert.ok(events.some(({ event, code }) => event === 'warning' && code === 'watch-polling'));
});

row('I33', 'the quiet period is an option, in milliseconds or as text, and can be none', () => {
  for (const watchDebounce of [0, 250, '0.3s']) configure({ watchDebounce });
  configure({ watchDebounce: 300 });
});

row('I34', 'a quiet period that is none at all is an error', () => {
  for (const watchDebounce of [-1, 'soon', Number.NaN]) {
    assert.throws(() => configure({ watchDebounce }), UsageError);
  }
});

row('I35', 'a folder with other permissions is no change, a new file is', async () => {
  using project = new TempProject({ ...files, 'src/sub/y.py': '' });
  const { events } = await live(project, ['build'], async (gulp) => {
    await gulp.settled();
    chmodSync(join(project.folder, 'src/sub'), 0o700);
    project.write('src/sub/new.py', '');
    const { paths, tasks } = await gulp.rebuilt();
    assert.deepEqual(tasks, ['build']);
    assert.ok((paths as string[]).includes('src/sub/new.py'));
  });
  assert.equal(events.filter(({ event }) => event === 'files-changed').length, 1);
});

row('I36', 'what comes within the quiet period belongs to the same batch', async () => {
  const clock = new FakeClock();
  const batches: [number, string[]][] = [];
  const bursts = new Bursts(clock.after, ({ paths }) => batches.push([clock.now(), [...paths]]));
  bursts.note('a', ['build'], 300);
  clock.advance(50);
  bursts.note('b', ['build'], 300);
  clock.advance(299);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(batches, []);
  clock.advance(1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(batches, [[350, ['a', 'b']]]);
});

row('X3', 'an edit while the task runs is not lost (V3)', async () => {
  using theatre = await Theatre.open();
  using project = theatreProject(
    theatre,
    `import { readFileSync, writeFileSync } from 'node:fs';
     task('build').inputs('in.txt').outputs('out.txt').action(async (ctx) => {
       const text = readFileSync('in.txt', 'utf8');
       await obey(ctx.name);
       writeFileSync('out.txt', text);
     });`,
    '{ watchDebounce: 20 }',
  );
  project.write('in.txt', 'old');
  await live(project, ['build'], async (gulp) => {
    await theatre.started('build');
    project.write('in.txt', 'new');
    await theatre.order('build', 'ok');
    await theatre.order('build', 'ok');
    await gulp.settled();
    assert.equal(project.read('out.txt'), 'new');
  });
});

row('X17', 'an output below a watched folder does not lead to its own task (V25)', async () => {
  using project = new TempProject({
    'x.py': '1',
    'gulpfile.mjs': `${head}task('build').inputs('**/*', '!node_modules/**').outputs('out/built.txt', 'out/log')
      .action(() => { writeFileSync('out/built.txt', readFileSync('x.py')); writeFileSync('out/log', String(Math.random())); });`,
    'out/log': '',
  });
  const { events } = await live(project, ['build'], async (gulp) => {
    await gulp.settled();
    project.write('x.py', '2');
    await gulp.rebuilt();
    project.write('x.py', '3');
    await gulp.rebuilt();
  });
  assert.equal(storyIn(events).filter((line) => line === 'build started').length, 3);
});

test('V26: each run of a watched task is remembered by itself', async () => {
  using project = new TempProject({
    'gulpfile.mjs': `${head}
task('a').inputs('ms.txt').action(() => new Promise((done) => setTimeout(done, Number(readFileSync('ms.txt', 'utf8')))));
`,
    'ms.txt': '600',
  });
  const { events } = await live(project, ['a'], async (gulp) => {
    await gulp.settled();
    for (const ms of ['0', '1']) {
      project.write('ms.txt', ms);
      await gulp.rebuilt();
    }
  });
  const [first = 0, second = 0] = events.flatMap(({ event, tookMs }) =>
    event === 'task-ended' ? [Number(tookMs)] : [],
  );
  const [, , third] = events.filter(({ event }) => event === 'task-wanted');
  // The newest counts most.
  const mean = (second + 0.8 * first) / 1.8;
  const estimate = Number(third?.['estimateMs']);
  assert.ok(Math.abs(estimate - mean) < mean / 10, `${estimate} and ${mean}`);
});

test('V36: what a watch holds is not inherited by workers that are started meanwhile', async () => {
  using project = new TempProject({
    'gulpfile.mjs': `${head}
task('a').inputs('in.txt').isolate().action(async () => {
  const { readdirSync, readlinkSync } = await import('node:fs');
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try { return [readlinkSync('/proc/self/fd/' + name)]; } catch { return []; }
  });
});
task('b').deps('a').action((ctx) => writeFileSync('held.txt', ctx.results.a.join('\\n')));
`,
    'in.txt': '1',
  });
  await live(project, ['b'], async (gulp) => {
    await gulp.settled();
    project.write('in.txt', '2');
    await gulp.rebuilt();
  });
  const held = project.read('held.txt');
  assert.match(held, /pipe|socket/);
  assert.doesNotMatch(held, /cache\.sqlite|inotify/);
});

endOfRows(import.meta.url);
