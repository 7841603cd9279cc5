import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { live, storyIn } from '../rig/live-gulp.ts';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const head = `
import gulp from 'gulp';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { NO_FAILURES, parproc, task, watch, watcher } from 'parproc';
const put = (path, text) => { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); };
const read = (path) => readFileSync(path, 'utf8');
gulp.registry(parproc({ parallel: 2, watchDebounce: 50 }));
`;

/** Two chains: `a` and `b` are copied in capitals and joined; `other` is apart from them. */
const chain = `${head}
task('copy::[x]').args({ x: ['a', 'b'] }).inputs('src/[x].txt').outputs('out/[x].txt')
  .action((ctx, { x }) => put('out/' + x + '.txt', read('src/' + x + '.txt').toUpperCase()));
task('join').deps('copy::*').inputs('out/*.txt').outputs('dist/all.txt')
  .action(() => put('dist/all.txt', read('out/a.txt') + read('out/b.txt')));
task('other').inputs('other/**').outputs('dist/other.txt')
  .action(() => put('dist/other.txt', readdirSync('other').map((name) => name + '=' + read('other/' + name)).join(' ')));
task('site').deps('join', 'other');
`;

const sources = { 'src/a.txt': 'a', 'src/b.txt': 'b', 'other/x.txt': '1' };

test('a save leads to the task that reads the file and what needs it, and nothing else', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  let first = 0;
  const result = await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    project.write('src/a.txt', 'aa');
    await gulp.rebuilt();
    assert.equal(project.read('dist/all.txt'), 'AAB');
  });
  assert.deepEqual(storyIn(result.events).slice(first), [
    'changed for copy::a',
    'copy::a started',
    'copy::a succeeded',
    'join started',
    'join succeeded',
  ]);
});

test('what a task comes to as before does not let others run', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  let first = 0;
  const result = await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    project.write('src/a.txt', 'A');
    await gulp.rebuilt();
  });
  assert.deepEqual(storyIn(result.events).slice(first), [
    'changed for copy::a',
    'copy::a started',
    'copy::a succeeded',
    'join up-to-date',
  ]);
});

test('a save that changes nothing runs nothing', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  let first = 0;
  const result = await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    project.write('src/a.txt', 'a');
    await gulp.settled();
    utimesSync(join(project.folder, 'src/b.txt'), new Date(), new Date(0));
    await gulp.settled();
  });
  assert.deepEqual(storyIn(result.events).slice(first), []);
});

test('a save by renaming another file over it counts once', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  let first = 0;
  const result = await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    for (const round of [1, 2]) {
      project.write('src/.a.txt.swp', 'of the editor');
      project.write('src/a.txt~', 'a copy');
      project.write('src/4913', `new ${round}`);
      renameSync(join(project.folder, 'src/4913'), join(project.folder, 'src/a.txt'));
      project.remove('src/.a.txt.swp');
      await gulp.rebuilt();
      assert.equal(project.read('out/a.txt'), `NEW ${round}`);
    }
  });
  const each = [
    'changed for copy::a',
    'copy::a started',
    'copy::a succeeded',
    'join started',
    'join succeeded',
  ];
  assert.deepEqual(storyIn(result.events).slice(first), [...each, ...each]);
});

test('files that come and go below a glob count, also in folders that are new', async () => {
  using project = new TempProject({
    'src/a.txt': 'a',
    'gulpfile.mjs': `${head}
const all = (folder) => readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((each) => each.isFile()).map((each) => each.parentPath + '/' + each.name).sort().join(' ');
task('list').inputs('src/**/*.txt').outputs('list.txt').action(() => put('list.txt', all('src')));
`,
  });
  const list = (): string[] => project.read('list.txt').replaceAll('src/', '').split(' ');
  await live(project, ['list'], async (gulp) => {
    await gulp.settled();
    project.write('src/b.txt', 'b');
    await gulp.rebuilt();
    assert.deepEqual(list(), ['a.txt', 'b.txt']);
    project.write('src/deep/er/c.txt', 'c');
    await gulp.rebuilt();
    assert.deepEqual(list(), ['a.txt', 'b.txt', 'deep/er/c.txt']);
    project.write('src/deep/er/d.txt', 'd');
    await gulp.rebuilt();
    project.remove('src/deep');
    await gulp.rebuilt();
    assert.deepEqual(list(), ['a.txt', 'b.txt']);
  });
});

test('a folder that goes and comes back is watched again', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    for (const round of ['1', '2']) {
      project.remove('other');
      await gulp.rebuilt();
      project.write('other/new.txt', round);
      await gulp.rebuilt();
      assert.equal(project.read('dist/other.txt'), `new.txt=${round}`);
      project.write('other/new.txt', `${round} again`);
      await gulp.rebuilt();
      assert.equal(project.read('dist/other.txt'), `new.txt=${round} again`);
    }
  });
});

test('what changes together is one batch, even five thousand files', async () => {
  const texts = Object.fromEntries(
    Array.from({ length: 5000 }, (_, i) => [`tree/${i % 50}/${i}.txt`, 'x']),
  );
  using project = new TempProject({
    ...texts,
    'gulpfile.mjs': `${head.replace('watchDebounce: 50', 'watchDebounce: 1000')}
const files = () => readdirSync('tree', { withFileTypes: true, recursive: true }).filter((each) => each.isFile());
task('count').inputs('tree/**').outputs('count.txt')
  .action(() => put('count.txt', String(files().filter((each) => read(each.parentPath + '/' + each.name) === 'y').length)));
`,
  });
  let first = 0;
  const result = await live(project, ['count'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    for (const path of Object.keys(texts)) project.write(path, 'y');
    const { pathCount } = await gulp.rebuilt();
    assert.equal(pathCount, 5000);
    assert.equal(project.read('count.txt'), '5000');
  });
  assert.deepEqual(storyIn(result.events).slice(first), [
    'changed for count',
    'count started',
    'count succeeded',
  ]);
});

test('its own outputs do not lead to a task, wherever they lie', async () => {
  using project = new TempProject({
    'src/a.txt': 'a',
    'gulpfile.mjs': `${head}
task('build').inputs('src/**').outputs('src/out.txt', 'src/gen')
  .action(() => { put('src/out.txt', read('src/a.txt')); put('src/gen/x.txt', String(Math.random())); });
`,
  });
  let first = 0;
  const result = await live(project, ['build'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    project.write('src/a.txt', 'a2');
    await gulp.rebuilt();
    project.write('src/a.txt', 'a3');
    await gulp.rebuilt();
  });
  const each = ['changed for build', 'build started', 'build succeeded'];
  assert.deepEqual(storyIn(result.events).slice(first), [...each, ...each]);
});

test('tasks whose files go round in a circle are an error before anything runs', async () => {
  using project = new TempProject({
    'gulpfile.mjs': `${head}
task('a').inputs('b.txt').outputs('a.txt').action(() => put('a.txt', ''));
task('b').deps('a').inputs('a.txt').outputs('b.txt').action(() => put('b.txt', ''));
`,
  });
  const { stdout, stderr, events } = await runGulp(project, ['b', '--live', '--json'], { code: 2 });
  assert.match(
    stdout + stderr,
    /dependency-cycle[\s\S]*'a' reads 'b\.txt', which 'b' makes, and that depends on it/,
  );
  assert.deepEqual(storyIn(events), []);
});

test('after a failure watching goes on, and what is left is built with the save that mends it', async () => {
  using project = new TempProject({
    ...sources,
    'gulpfile.mjs': chain.replace(
      "task('join')",
      `task('check').inputs('src/a.txt').action(() => { if (read('src/a.txt') === 'bad') throw new Error('it is bad'); });
task('join').deps('check')`,
    ),
  });
  let first = 0;
  const result = await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    project.write('src/a.txt', 'bad');
    await gulp.rebuilt();
    assert.equal(project.read('dist/all.txt'), 'AB');
    project.write('src/a.txt', 'good');
    await gulp.rebuilt();
    assert.equal(project.read('dist/all.txt'), 'GOODB');
  });
  const story = storyIn(result.events).slice(first);
  assert.deepEqual(
    story.filter((line) => /^(check|join)/.test(line)),
    [
      'check started',
      'check failed',
      'join dependency-failed',
      'check started',
      'check succeeded',
      'join started',
      'join succeeded',
    ],
  );
});

test('a task that has failed in the first run is built by the save that mends it', async () => {
  using project = new TempProject({
    'src/a.txt': 'bad',
    'gulpfile.mjs': `${head}
task('a').inputs('src/a.txt').outputs('a.txt').action(() => { if (read('src/a.txt') === 'bad') throw new Error('bad'); put('a.txt', 'ok'); });
task('b').deps('a').inputs('a.txt').outputs('b.txt').action(() => put('b.txt', read('a.txt')));
`,
  });
  await live(project, ['b'], async (gulp) => {
    await gulp.settled();
    project.write('src/a.txt', 'good');
    await gulp.rebuilt();
    assert.equal(project.read('b.txt'), 'ok');
  });
});

test('a file that changes before watching has begun is not forgotten', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  await live(project, ['site'], async (gulp) => {
    await gulp.task('copy::a', 'ended');
    project.write('src/a.txt', 'early');
    await gulp.settled();
    assert.equal(project.read('dist/all.txt'), 'EARLYB');
  });
});

test('links are not followed, and folders that are left out are not watched', async () => {
  using project = new TempProject({
    'src/a.txt': 'a',
    'gulpfile.mjs': `${head}
task('build').inputs('**/*.txt', '!node_modules/**').ignore('skipped').outputs('dist/out.txt').action(() => put('dist/out.txt', read('src/a.txt')));
`,
  });
  symlinkSync('/usr/share', join(project.folder, 'src/system'));
  for (let i = 0; i < 200; i++)
    mkdirSync(join(project.folder, `skipped/${i}`), { recursive: true });
  await live(project, ['build'], async (gulp) => {
    await gulp.settled();
    const count = watchCount(gulp.child.pid ?? 0);
    assert.ok(count > 0 && count < 10, `${count} folders are watched`);
  });
});

/** A descriptor may be closed between listing and reading it. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** How many folders a process watches, as Linux tells it. */
function watchCount(pid: number): number {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder)
    .map((fd) => textOf(join(folder, fd)))
    .reduce((sum, text) => sum + (text.match(/^inotify /gm)?.length ?? 0), 0);
}

test('several names are watched together', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  await live(project, ['join', 'other'], async (gulp) => {
    await gulp.settled();
    project.write('src/a.txt', 'x');
    project.write('other/x.txt', '2');
    await gulp.rebuilt();
    assert.equal(project.read('dist/all.txt'), 'XB');
    assert.equal(project.read('dist/other.txt'), 'x.txt=2');
  });
});

test('--live without a task of parproc is an error', async () => {
  using project = new TempProject({
    'gulpfile.mjs': `${chain}\ngulp.task('own', (done) => done());`,
  });
  const { stdout, stderr } = await runGulp(project, ['own', '--live'], { code: 2 });
  assert.match(stdout + stderr, /--live watches tasks of parproc, and 'own' is none/);
});

test('watcher() makes a function for exports, and Ctrl-C lets it finish', async () => {
  using project = new TempProject({
    ...sources,
    'gulpfile.mjs': `${chain}\nexport const dev = watcher('site');`,
  });
  const { stdout } = await runGulp(project, ['dev'], {
    code: 130,
    during: async (child) => {
      await seen(child.stdout, 'Waiting for changes');
      project.write('src/a.txt', 'new');
      await seen(child.stdout, 'Waiting for changes');
      child.kill('SIGINT');
    },
  });
  assert.equal(project.read('dist/all.txt'), 'NEWB');
  assert.match(stdout, /Changed: src\/a\.txt/);
  assert.match(stdout, /Finished 'dev'/);
  assert.doesNotMatch(stdout, /signal async completion/);
});

/** Resolves when a stream has got a text. */
function seen(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: string): void => {
      if (!data.includes(text)) return;
      stream.off('data', look);
      resolve();
    };
    stream.on('data', look);
  });
}

test('Ctrl-C while something runs ends it, and leaves nothing behind', async () => {
  using project = new TempProject({
    'src/a.txt': 'a',
    'gulpfile.mjs': `${head}
task('slow').inputs('src/a.txt').action((ctx) => read('src/a.txt') === 'a' ? undefined : ctx.exec('sleep', ['600']));
`,
  });
  const { events } = await live(project, ['slow'], async (gulp) => {
    await gulp.settled();
    project.write('src/a.txt', 'b');
    await gulp.task('slow');
  });
  assert.deepEqual(storyIn(events).slice(-1), ['slow cancelled']);
});

test('an unknown name is an error before anything is watched', async () => {
  using project = new TempProject({ 'gulpfile.mjs': chain });
  const { stdout, stderr } = await runGulp(project, ['copy::c', '--live'], { code: 2 });
  assert.match(stdout + stderr, /argument-not-a-choice/);
});

test('a task can have a quiet period of its own, shorter or longer than that of others', async () => {
  using project = new TempProject({
    'in.txt': '1',
    'gulpfile.mjs': `${head.replace('watchDebounce: 50', "watchDebounce: '1h'")}
task('quick').inputs('in.txt').debounce(0).action(() => {});
task('usual').inputs('in.txt').action(() => {});
task('all').deps('quick', 'usual');
`,
  });
  const { events } = await live(project, ['all'], async (gulp) => {
    await gulp.settled();
    project.write('in.txt', '2');
    await gulp.changed();
    await gulp.task('quick', 'ended');
  });
  assert.deepEqual(storyIn(events).slice(-3), [
    'changed for quick',
    'quick started',
    'quick succeeded',
  ]);
});

test('files outside of the working directory are watched, and no more than these', async () => {
  using project = new TempProject({
    'shared/x.txt': '1',
    'package-lock.json': '{}',
    'app/package.json': '{"type":"module"}',
    'app/gulpfile.mjs': `${head}
task('a').inputs('../shared/**').action(() => {});
task('b').inputs('in.txt').action(() => {});
task('all').deps('a', 'b');
`,
  });
  for (let i = 0; i < 50; i++) mkdirSync(join(project.folder, `others/${i}`), { recursive: true });
  const { events } = await live(
    project,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      const count = watchCount(gulp.child.pid ?? 0);
      assert.ok(count < 5, `${count} folders are watched`);
      project.write('shared/deep/y.txt', '2');
      await gulp.rebuilt();
      project.remove('shared');
      await gulp.rebuilt();
      project.write('shared/x.txt', '3');
      await gulp.rebuilt();
      project.write('package-lock.json', '{"new":true}');
      await gulp.rebuilt();
      project.write('package-lock.json.tmp', '{"newer":true}');
      renameSync(
        join(project.folder, 'package-lock.json.tmp'),
        join(project.folder, 'package-lock.json'),
      );
      await gulp.rebuilt();
    },
    { gulpfile: 'app/gulpfile.mjs' },
  );
  assert.deepEqual(
    storyIn(events).filter((line) => line.startsWith('changed')),
    ['changed for a', 'changed for a', 'changed for a', 'changed for a b', 'changed for a b'],
  );
});

test('an output that goes or is changed by hand is made again before others read it', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  let first = 0;
  const { events } = await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    first = gulp.story().length;
    project.remove('out/a.txt');
    await gulp.rebuilt();
    assert.equal(project.read('out/a.txt'), 'A');
    project.write('out/b.txt', 'by hand');
    await gulp.rebuilt();
    assert.equal(project.read('dist/all.txt'), 'AB');
  });
  assert.deepEqual(storyIn(events).slice(first), [
    'changed for copy::a join',
    'copy::a started',
    'copy::a succeeded',
    'join up-to-date',
    'changed for copy::b join',
    'copy::b started',
    'copy::b succeeded',
    'join up-to-date',
  ]);
});

test('an output that nobody reads is made again with the next run', async () => {
  using project = new TempProject({ ...sources, 'gulpfile.mjs': chain });
  await live(project, ['site'], async (gulp) => {
    await gulp.settled();
    project.remove('dist/all.txt');
    project.write('other/x.txt', '2');
    await gulp.changed();
    await gulp.rebuilt();
    assert.equal(project.read('dist/all.txt'), 'AB');
  });
});
