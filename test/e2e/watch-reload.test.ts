import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { live, storyIn } from '../rig/live-gulp.ts';
import type { JsonEvent } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import gulp from 'gulp';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { parproc, task } from 'parproc';
import { sign } from './lib/sign.mjs';
gulp.registry(parproc({ parallel: 2, watchDebounce: 50 }));
task('a').inputs('a.txt').outputs('a.out').action(() => writeFileSync('a.out', readFileSync('a.txt', 'utf8') + sign));
task('b').inputs('b.txt').outputs('b.out').code('function').action(() => writeFileSync('b.out', readFileSync('b.txt', 'utf8')));
task('all').deps('a', 'b');
`;

function project(): TempProject {
  return new TempProject({
    'a.txt': 'a',
    'b.txt': 'b',
    'lib/sign.mjs': `export const sign = '!';`,
    'gulpfile.mjs': gulpfile,
  });
}

const isReload = ({ event }: JsonEvent): boolean => event === 'build-files-changed';

test('a module that the build file imports is loaded anew, and the cache stays warm', async () => {
  using files = project();
  const { events } = await live(files, ['all'], async (gulp) => {
    await gulp.settled();
    files.write('lib/sign.mjs', `export const sign = '?';`);
    await gulp.next(isReload);
    await gulp.settled();
    assert.equal(files.read('a.out'), 'a?');
    files.write('b.txt', 'b2');
    await gulp.rebuilt();
    assert.equal(files.read('b.out'), 'b2');
  });
  const story = storyIn(events).slice(4);
  assert.deepEqual(story, [
    'b up-to-date',
    'a started',
    'a succeeded',
    'changed for b',
    'b started',
    'b succeeded',
  ]);
});

test('the build file can change again and again, and bring other tasks', async () => {
  using files = project();
  await live(files, ['all'], async (gulp) => {
    await gulp.settled();
    for (const name of ['c', 'd']) {
      const more = `task('${name}').inputs('a.txt').outputs('${name}.out').action(() => writeFileSync('${name}.out', '${name}'));`;
      files.write(
        'gulpfile.mjs',
        `${gulpfile.replace("'a', 'b')", `'a', 'b', '${name}')`)}${more}`,
      );
      await gulp.next(isReload);
      await gulp.settled();
      assert.equal(files.read(`${name}.out`), name);
    }
  });
});

test('a build file that is broken is told of, and watching goes on when it is mended', async () => {
  using files = project();
  const { stdout } = await live(
    files,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      files.write('gulpfile.mjs', `${gulpfile}\nthis is no JavaScript`);
      await gulp.next(({ event }) => event === 'build-broken');
      files.write('gulpfile.mjs', `${gulpfile}\nthis is none either`);
      await gulp.next(({ event }) => event === 'build-broken');
      files.write('gulpfile.mjs', gulpfile);
      await gulp.settled();
      files.write('a.txt', 'mended');
      await gulp.rebuilt();
      assert.equal(files.read('a.out'), 'mended!');
    },
    { stderr: /SyntaxError/ },
  );
  assert.doesNotMatch(stdout, /Error/);
});

test('a request that is wrong after a change waits for the next one', async () => {
  using files = project();
  await live(
    files,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      files.write('gulpfile.mjs', gulpfile.replace("deps('a', 'b')", "deps('a', 'gone')"));
      await gulp.next(({ event }) => event === 'build-broken');
      files.write('gulpfile.mjs', gulpfile);
      await gulp.settled();
    },
    { stderr: /gone|^$/ },
  );
});

test('Ctrl-C ends it while a broken build file is waited for', async () => {
  using files = project();
  await live(
    files,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      files.write('gulpfile.mjs', 'broken!');
      await gulp.next(({ event }) => event === 'build-broken');
    },
    { stderr: /SyntaxError/ },
  );
});

test('a save of the build file that changes nothing does not load it anew', async () => {
  using files = project();
  const { events } = await live(files, ['all'], async (gulp) => {
    await gulp.settled();
    files.write('gulpfile.mjs', gulpfile);
    files.write('a.txt', 'x');
    await gulp.rebuilt();
  });
  assert.equal(events.filter(isReload).length, 0);
});

test('what runs when the build file changes is stopped, and done by the new one', async () => {
  using files = project();
  const slow = gulpfile.replace(
    "task('a').inputs('a.txt').outputs('a.out').action(() =>",
    "task('a').inputs('a.txt').outputs('a.out').action(async (ctx) => { await ctx.exec('sleep', ['600']); }); const unused = (() =>",
  );
  files.write('gulpfile.mjs', slow);
  const { events } = await live(files, ['all'], async (gulp) => {
    await gulp.seen(({ event }) => event === 'watch-started');
    await gulp.seen(({ event, task }) => event === 'task-started' && task === 'a');
    files.write('gulpfile.mjs', gulpfile);
    await gulp.next(isReload);
    await gulp.settled();
    assert.equal(files.read('a.out'), 'a!');
  });
  assert.ok(storyIn(events).includes('a cancelled'));
});

test('a server of the build file is there again in the fresh process', async () => {
  using files = project();
  const withServer = `${gulpfile}
import { isWorker } from 'parproc';
if (!isWorker) createServer().listen(Number(process.env.TEST_PORT), '127.0.0.1', () => console.log('{"v":1,"event":"listening"}'));
`;
  files.write('gulpfile.mjs', withServer);
  const port = await freePort();
  await live(
    files,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      for (const round of [1, 2]) {
        files.write('gulpfile.mjs', `${withServer}// ${round}`);
        await gulp.next(isReload);
        await gulp.next(({ event }) => event === 'listening');
        await gulp.settled();
      }
    },
    { env: { TEST_PORT: String(port) } },
  );
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a fresh process ends when the first one is killed', async () => {
  using files = project();
  await live(
    files,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      files.write('lib/sign.mjs', `export const sign = '?';`);
      await gulp.next(isReload);
      await gulp.settled();
      const first = childrenOf(gulp.child.pid ?? 0)[0] ?? 0;
      assert.equal(childrenOf(first).length > 0, true);
      process.kill(first, 'SIGKILL');
    },
    // The shell tells of it by its own exit code, and does not care for the Ctrl-C that follows.
    {
      within: ['sh', '-c', `trap '' INT; "$@" 2> /dev/null; exit 7`, 'sh'],
      code: 7,
      stderr: /Killed|^$/,
    },
  );
});

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
