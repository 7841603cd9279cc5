import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Theatre } from '../rig/puppet.ts';
import type { TempProject } from '../rig/temp-project.ts';
import { comparable, noTerminal, Terminal } from '../rig/terminal.ts';
import { theatreProject } from '../rig/theatre-project.ts';

const terminal = { skip: noTerminal, timeout: 90_000 };
const waiting = '◦ Waiting for changes (? for keys)';

/** `b` needs `a`; both obey, and say what they read. */
function watched(theatre: Theatre): TempProject {
  const project = theatreProject(
    theatre,
    `import { readFileSync, writeFileSync } from 'node:fs';
import { isWorker } from 'parproc';
if (!isWorker) writeFileSync('pid', String(process.pid));
const read = (file) => async (ctx) => {
  console.log('warning:', readFileSync(file, 'utf8'));
  await obey(ctx.name);
};
task('a').inputs('a.in').action(read('a.in'));
task('b').deps('a').inputs('b.in').action(read('b.in'));`,
    '{ parallel: 4, watchDebounce: 20 }',
  );
  project.write('a.in', 'old');
  project.write('b.in', 'other');
  return project;
}

async function opened(site: TempProject): Promise<Terminal> {
  return Terminal.open(site, ['b', '--live']);
}

/** What stays of a screen, without the lines that gulp prints. */
function own(lines: readonly string[]): string[] {
  return comparable(lines).filter((line) => !line.startsWith('[time]'));
}

test(
  'runs follow one another on one screen, and keys are told of and taken',
  terminal,
  async () => {
    using theatre = await Theatre.open();
    using site = watched(theatre);
    await using screen = await opened(site);
    await screen.until((lines) => lines.at(-1) === '0 of 2 done, 1 running');
    await screen.press('?');
    const keys = '◦ Keys: r run what is wanted again, f execute all of it, q quit, ? this help';
    await screen.until((lines) => lines.includes(keys));
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await screen.until((lines) => lines.at(-1) === waiting);
    site.write('b.in', 'new');
    const again = await screen.until(
      (lines) => lines.at(-1)?.startsWith('0 of 1 done, 1 running') === true,
    );
    assert.match(again.at(-2) ?? '', /^. b/);
    await theatre.order('b', 'ok');
    await screen.until((lines) => lines.at(-1) === waiting && !lines.includes('1 running'));
    await screen.press('q');
    assert.deepEqual(
      own(await screen.ended()).filter((line) => !line.includes('Watching')),
      [
        keys,
        '✔ a TIME  first run',
        '  │ warning: old',
        '✔ b TIME  first run',
        '  │ warning: other',
        '2 ran, 0 up to date, 0 failed in TIME',
        waiting,
        '◦ Changed: b.in',
        '✔ b TIME  b.in changed',
        '  │ warning: new',
        '1 ran, 0 up to date, 0 failed in TIME',
        waiting,
        '(exit code 0)',
      ],
    );
    assert.equal(await screen.isRestored(), true);
  },
);

test(
  'what is outdated while it runs is one task still, and the log is that of the new one',
  terminal,
  async () => {
    using theatre = await Theatre.open();
    using site = watched(theatre);
    await using screen = await opened(site);
    await screen.until((lines) => lines.some((line) => line.includes('Watching')));
    await theatre.started('a');
    site.write('a.in', 'new');
    await screen.until((lines) => lines.includes('◦ Changed: a.in'));
    await theatre.order('a', 'ok');
    await theatre.started('a');
    await screen.until(
      (lines) =>
        lines.includes('◦ a  changed while it ran; again') &&
        lines.at(-1) === '0 of 2 done, 1 running',
    );
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await screen.until((lines) => lines.at(-1) === waiting);
    assert.match(site.read('.parproc/logs/last/a.log'), /^warning: new\n$/);
    await screen.press('q');
    await screen.ended();
  },
);

test(
  'a fresh process goes on with the view, and leaves the terminal as it was',
  terminal,
  async () => {
    using theatre = await Theatre.open();
    using site = watched(theatre);
    await using screen = await opened(site);
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await screen.until((lines) => lines.at(-1) === waiting);
    site.write('gulpfile.mjs', `${site.read('gulpfile.mjs')}\n// changed`);
    await screen.until((lines) => lines.at(-1)?.startsWith('0 of 2 done, 1 running') === true);
    await theatre.order('a', 'ok');
    await theatre.order('b', 'ok');
    await screen.until(
      (lines) => lines.at(-1) === waiting && lines.some((line) => line.includes('loaded anew')),
    );
    await screen.press('C-c');
    assert.equal(comparable(await screen.ended()).at(-1), '(exit code 130)');
    assert.equal(await screen.isRestored(), true);
  },
);

for (const [how, code] of [
  ['Ctrl-C', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['a crash', 1],
] as const) {
  test(`while keys are taken, the terminal is as it was after ${how}`, terminal, async () => {
    using theatre = await Theatre.open();
    using site = watched(theatre);
    site.write(
      'gulpfile.mjs',
      `${site.read('gulpfile.mjs')}
if (!isWorker) process.on('SIGUSR2', () => { throw new Error('own mistake'); });`,
    );
    await using screen = await opened(site);
    await screen.until((lines) => lines.at(-1) === '0 of 2 done, 1 running');
    if (how === 'Ctrl-C') await screen.press('C-c');
    else process.kill(Number(site.read('pid')), how === 'a crash' ? 'SIGUSR2' : how);
    assert.equal(comparable(await screen.ended()).at(-1), `(exit code ${code})`);
    assert.equal(await screen.isRestored(), true);
  });
}
