import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { killCarriers, survivorsOf } from '../rig/survivors.ts';
import { TempProject } from '../rig/temp-project.ts';

const files = {
  'a.txt': 'a',
  'gulpfile.mjs': `
import gulp from 'gulp';
import { readFileSync, writeFileSync } from 'node:fs';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 1, watchDebounce: 50 }));
task('a').inputs('a.txt').outputs('a.out').action(() => writeFileSync('a.out', readFileSync('a.txt')));
task('slow').inputs('slow.txt').action((ctx) => ctx.exec('sleep', ['600']));
task('ask').inputs('a.txt').action(async (ctx) => writeFileSync('answer.txt', await ctx.input('Who? ')));
`,
};

/** A gulp at a terminal of its own: what it prints, and what is typed. */
interface Terminal {
  readonly type: (keys: string) => void;
  /** Resolves when it has printed a text, after what was waited for before. */
  readonly shows: (text: string) => Promise<void>;
  readonly project: TempProject;
}

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const skip = hasScript ? false : 'needs the program script';

/** Runs gulp at a terminal; asserts its exit code, and that nothing is left. */
async function atTerminal(
  task: string,
  code: number,
  use: (terminal: Terminal) => Promise<void>,
  check: (project: TempProject, text: string) => void = () => undefined,
): Promise<void> {
  using project = new TempProject(files);
  const token = randomUUID();
  // In a CI or at a dumb terminal there is no live view.
  const { CI, GITHUB_ACTIONS, ...others } = process.env;
  const command = `${process.execPath} node_modules/gulp/bin/gulp.js ${task} --live`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: project.folder,
    env: { ...others, TERM: 'xterm', NODE_OPTIONS: '', NO_COLOR: '1', PARPROC_TEST_TOKEN: token },
  });
  let text = '';
  let cursor = 0;
  let look = (): void => undefined;
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    text += data;
    look();
  });
  const shows = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        const at = text.indexOf(wanted, cursor);
        if (at === -1) return;
        cursor = at + wanted.length;
        look = () => undefined;
        resolve();
      };
      look();
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const deadline = setTimeout(() => killCarriers(token), 60_000);
  await Promise.race([use({ type: (keys) => child.stdin.write(keys), shows, project }), ended]);
  const exitCode = await ended;
  clearTimeout(deadline);
  assert.deepEqual(await survivorsOf(token), [], text);
  assert.equal(exitCode, code, text);
  check(project, text);
}

test('r looks at all that is wanted, f executes it, ? tells of the keys, q ends it', {
  skip,
}, async () => {
  await atTerminal('a', 0, async ({ type, shows }) => {
    await shows('Waiting for changes (? for keys)');
    type('r');
    await shows('0 ran, 1 up to date');
    await shows('Waiting for changes');
    type('f');
    await shows('1 ran, 0 up to date');
    await shows('Waiting for changes');
    type('?x');
    await shows('Keys: r run what is wanted again');
    type('q');
    await shows("Finished 'a'");
  });
});

test('q stops what runs', { skip }, async () => {
  await atTerminal('slow', 0, async ({ type, shows }) => {
    await shows('0 of 1 done, 1 running');
    type('q');
    await shows('slow  cancelled');
  });
});

test('Ctrl-C is what it is elsewhere', { skip }, async () => {
  await atTerminal('slow', 130, async ({ type, shows }) => {
    await shows('0 of 1 done, 1 running');
    type('\u0003');
    await shows('slow  cancelled');
  });
});

test('a question of a task comes before the keys', { skip }, async () => {
  await atTerminal(
    'ask',
    0,
    async ({ type, shows }) => {
      await shows('Who? ');
      type('quentin\n');
      await shows('Waiting for changes');
      type('f');
      await shows('Who? ');
      type('fred\n');
      await shows('Waiting for changes');
      type('q');
    },
    (project) => assert.equal(project.read('answer.txt'), 'fred'),
  );
});

test('a fresh process takes the keys over when the build file has changed', { skip }, async () => {
  await atTerminal('a', 0, async ({ type, shows, project }) => {
    await shows('Waiting for changes');
    project.write('gulpfile.mjs', `${files['gulpfile.mjs']}// changed`);
    await shows('the build is loaded anew');
    await shows('Waiting for changes');
    type('?');
    await shows('Keys: r run what is wanted again');
    type('q');
  });
});
