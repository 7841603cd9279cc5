import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputOf, shellProject } from '../rig/run-shell.ts';

/** What a script prints, times left out. */
async function printed(script: string): Promise<string[]> {
  using project = shellProject({
    'script.mjs': `import { configure, run, task, waitForAll } from 'parproc';
configure({ mode: 'single', cache: false });
task('good').action(() => {});
task('bad').action((ctx) => ctx.fail('out of luck'));
${script}`,
  });
  const lines = await outputOf(project, 'node script.mjs');
  return lines.map((line) =>
    line.replace(/^\[[\d:]+\] /, '').replace(/ (?:after|in)? [\d.]+ m?s$/, ''),
  );
}

test('a wrong request that nobody catches ends a script with the message alone and 2', async () => {
  assert.deepEqual(await printed("await run('goof');"), [
    'unknown-task',
    "  'goof' matches no task.",
    "  Did you mean 'good'?",
    '(exit code 2)',
  ]);
});

test('a wrong definition does so as well, though nothing has been asked for', async () => {
  assert.deepEqual((await printed("task('good');")).at(-1), '(exit code 2)');
});

test('a request that nobody waits for says what is wrong with it, and ends a script with 2', async () => {
  const lines = await printed("run('goof');");
  assert.deepEqual([lines[0], lines.at(-1)], ['unknown-task', '(exit code 2)']);
});

test('failed tasks that nobody catches end a script with one line more and 1', async () => {
  const lines = await printed("await run('bad');");
  assert.deepEqual(lines.slice(-2), ['Task failed: bad', '(exit code 1)']);
});

test('an error that was caught has no part in the exit code', async () => {
  const lines = await printed("await run('goof').catch(() => {}); run('bad');");
  assert.equal(lines.at(-1), '(exit code 1)');
  const good = await printed("await run('goof').catch(() => {}); await run('good');");
  assert.match(good.at(-1) ?? '', /^1 ran/);
});

test('a program that takes uncaught errors itself is given ours too', async () => {
  const lines = await printed(
    "process.on('uncaughtException', (error) => console.log('mine:', error.code)); await run('goof');",
  );
  assert.deepEqual(
    lines.filter((line) => line.includes('mine')),
    ['mine: unknown-task'],
  );
});

test('the summary of a run comes before what the script does next, and the next run is another', async () => {
  const lines = await printed(
    "await run('good'); console.log('next'); await run('bad').catch(() => console.log('last'));",
  );
  const marks = lines.filter((line) => /^(?:\d+ ran|next|last)/.test(line));
  assert.deepEqual(
    marks.map((line) => line.slice(0, 5)),
    ['1 ran', 'next', '0 ran', 'last'],
  );
});

test('waitForAll() is over when the summary has been printed', async () => {
  const lines = await printed("run('good'); await waitForAll(); console.log('next');");
  assert.deepEqual(lines.slice(-1), ['next']);
});
