/**
 * The seed's defects that concern the task model, and that no row of the conformance groups tests.
 * V1 to V4, V13, V14, V26, V27 and V29 are about the cache, V25 and V36 about watching; V34 is about
 * the seed's own test suite. V5 to V9, V12, V15, V17 to V23, V28 and V35 stand in the titles of
 * `extra.test.ts`, `test/run/scale.test.ts` and others.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clear,
  configure,
  create,
  NO_FAILURES,
  RunFailed,
  run,
  task,
  waitForAll,
  whenScheduled,
} from '../../lib/index.ts';
import { modes, runScript } from '../rig/run-script.ts';
import { inTurn, openStage } from './stage.ts';

test('V10: options that a later configure() does not name stay as they are', async () => {
  openStage();
  configure({ allowMissingDeps: true });
  configure({ failureMode: 'continue' });
  task('a')
    .deps('absent')
    .action(() => 1);
  await assert.rejects(run('a'), (error: RunFailed) => {
    assert.equal(error.result?.tasks.get('a')?.state, 'dependency-failed');
    return true;
  });
  configure({ allowMissingDeps: false });
  clear();
});

for (const mode of modes) {
  test(`V11: a result that JSON cannot hold reaches dependants unharmed [${mode}]`, async () => {
    const { told } = await runScript(
      `task('made').action(() => new Map([[1, [undefined, 2n]]]));
       task('used').deps('made').action((ctx) => [...ctx.results.made]);
       tell((await run('used')).results.used);`,
      { mode },
    );
    assert.deepEqual(told, [[[1, [undefined, 2n]]]]);
  });
}

test('V31: a task that calls process.exit() has failed, and the others go on', async () => {
  const { told } = await runScript(
    `task('bad').action(() => process.exit(0));
     task('good').action(() => 'good');
     await run('bad', 'good').catch((error) => {
       tell([...error.result.tasks].map(([name, { state }]) => name + ' ' + state).sort());
     });`,
    { mode: 'pool' },
  );
  assert.deepEqual(told, [['bad failed', 'good succeeded']]);
});

test('V16: the example of a conditional reverse dep works, and the one that cannot says what to write', async () => {
  const { log, play } = openStage();
  task('migrate::[env]').rdeps(whenScheduled('deploy::[env]')).action(play);
  task('deploy::[env]').action(play);
  await run('migrate::prod');
  assert.deepEqual(log, inTurn('migrate::prod', 'deploy::prod'));
  assert.throws(() => task('plain').rdeps(whenScheduled('deploy::[env]')), {
    code: 'invalid-pattern',
    message: /'plain::\[env\]'/,
  });
});

test('V24: a task whose deps have failed is told of once', async () => {
  const { stdout } = await runScript(
    `task('a').action(() => { throw new Error('a'); });
     task('b').action(() => { throw new Error('b'); });
     task('c').deps('a', 'b').action(() => 1);
     await run('c').catch(() => undefined);`,
    { mode: 'single' },
  );
  assert.equal(stdout.match(/⊘ c/g)?.length, 1, stdout);
});

test('V30: one wrong value is an error, and never a silent fallback for all', async () => {
  openStage();
  task('f::[n]::[flag]')
    .args({ n: Number, flag: Boolean })
    .action((_ctx, { n, flag }) => [n, flag]);
  assert.throws(() => create('f::x::yes'), { code: 'argument-invalid' });
  const { results } = await run('f::007::yes');
  assert.deepEqual({ ...results }, { 'f::007::yes': [7, true] });
});

test('V32: a failed dep is noticed at once, though an unfinished one is named before it', async () => {
  const { log, play, pause, paused, resume } = openStage();
  task('slow').action(pause);
  task('bad').action(() => {
    throw new Error('bad');
  });
  task('top').deps('slow', 'bad').action(play);
  task('last').deps('top', NO_FAILURES).action(play);
  const running = run('last').catch((error: unknown) => error);
  await paused;
  resume();
  const error = await running;
  assert.ok(error instanceof RunFailed);
  assert.deepEqual(error.tasks, ['bad']);
  assert.deepEqual(log, inTurn('slow'));
  const states = [...(error.result?.tasks ?? [])].map(([name, { state }]) => `${name} ${state}`);
  assert.deepEqual(
    states.toSorted((a, b) => (a < b ? -1 : 1)),
    ['bad failed', 'last dependency-failed', 'slow succeeded', 'top dependency-failed'],
  );
});

test('V33: a question to the person stops nothing else', async () => {
  const { told } = await runScript(
    `task('ask').action((ctx) => ctx.input('name? '));
     task('other').action(() => 'done');
     const asking = run('ask');
     tell((await run('other')).results.other);
     tell((await asking).results.ask);`,
    { mode: 'single', options: 'parallel: 1', input: 'Bob\n' },
  );
  assert.deepEqual(told, ['done', 'Bob']);
});

test('nothing of these tests is left', async () => {
  clear();
  assert.equal(await waitForAll(), true);
});
