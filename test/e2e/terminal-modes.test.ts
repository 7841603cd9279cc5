import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TempProject } from '../rig/temp-project.ts';
import { noTerminal, Terminal } from '../rig/terminal.ts';

const terminal = { skip: noTerminal, timeout: 90_000 };

const site = (): TempProject =>
  new TempProject({
    'a.txt': 'a',
    'gulpfile.mjs': `
import gulp from 'gulp';
import { writeFileSync } from 'node:fs';
import { isWorker, parproc, task } from 'parproc';
if (!isWorker) writeFileSync('pid', String(process.pid));
gulp.registry(parproc({ parallel: 1 }));
task('a').inputs('a.txt').action(() => undefined);
task('who').action(async (ctx) => console.log('hello', await ctx.input('Hello.\\nWho? ')));
task('secret').action(async (ctx) => console.log((await ctx.input('Word? ', { password: true })).length));
task('slow').deps('who').action((ctx) => ctx.exec('sleep', ['600']));
task('two').deps('who', 'secret');`,
  });

const asks = (lines: readonly string[]): boolean => lines.at(-1)?.startsWith('Who?') === true;

for (const hasJobControl of [false, true]) {
  const by = hasJobControl ? 'a shell' : 'another program';
  test(
    `a watching gulp that ${by} started leaves no modes behind after kill -9`,
    terminal,
    async () => {
      using project = site();
      await using screen = await Terminal.open(
        project,
        ['a', '--live'],
        undefined,
        {},
        hasJobControl,
      );
      await screen.until((lines) => lines.at(-1)?.includes('Waiting for changes') === true);
      await screen.modes('changed');
      process.kill(Number(project.read('pid')), 'SIGKILL');
      await screen.modes('as before');
      assert.equal(await screen.hasCursor(), true);
      const lines = await screen.ended();
      assert.equal(lines.at(-1), '(exit code 137)');
    },
  );
}

test('a question leaves no modes behind after kill -9', terminal, async () => {
  using project = site();
  await using screen = await Terminal.open(project, ['who']);
  await screen.until(asks);
  await screen.modes('changed');
  process.kill(Number(project.read('pid')), 'SIGKILL');
  await screen.modes('as before');
  assert.equal(await screen.hasCursor(), true);
});

test('Ctrl-C at a question ends the build as elsewhere', terminal, async () => {
  using project = site();
  await using screen = await Terminal.open(project, ['slow']);
  await screen.until(asks);
  await screen.press('C-c');
  const lines = await screen.ended();
  assert.equal(lines.at(-1), '(exit code 130)');
  assert.ok(lines.includes('⊘ who  cancelled'), lines.join('\n'));
  assert.ok(!lines.join('\n').includes('Nobody answered'));
  assert.equal(await screen.isRestored(), true);
});

test('what ends the build while a question is open is told', terminal, async () => {
  using project = site();
  await using screen = await Terminal.open(project, ['slow']);
  await screen.until(asks);
  process.kill(Number(project.read('pid')), 'SIGTERM');
  const lines = await screen.ended();
  assert.equal(lines.at(-1), '(exit code 143)');
  assert.ok(lines.includes('⊘ who  cancelled'), lines.join('\n'));
  assert.equal(await screen.isRestored(), true);
});

test(
  'after an answer the terminal is as before, and one Ctrl-C ends the build',
  terminal,
  async () => {
    using project = site();
    await using screen = await Terminal.open(project, ['slow']);
    await screen.until(asks);
    await screen.press('b', 'o', 'y', 'BSpace', 'b', 'Enter');
    const lines = await screen.until((all) => all.at(-1) === '1 of 2 done, 1 running');
    assert.ok(lines.includes('Who? bob') && lines.includes('  │ hello bob'), lines.join('\n'));
    await screen.modes('as before');
    await screen.press('C-c');
    assert.equal((await screen.ended()).at(-1), '(exit code 130)');
    assert.equal(await screen.isRestored(), true);
  },
);

test(
  'what is typed ahead answers the next question, and secrets are not shown',
  terminal,
  async () => {
    using project = site();
    await using screen = await Terminal.open(project, ['two']);
    await screen.until((lines) => /(?:Who|Word)\?/.test(lines.at(-1) ?? ''));
    await screen.press('abc', 'Enter', 'abc', 'Enter');
    const lines = await screen.ended();
    assert.ok(lines.includes('  │ hello abc') && lines.includes('  │ 3'), lines.join('\n'));
    assert.ok(lines.includes('Word?'), lines.join('\n'));
    assert.equal(await screen.isRestored(), true);
  },
);
