import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Theatre } from '../rig/puppet.ts';
import { endsOf, runGulp, storyOf } from '../rig/run-gulp.ts';
import { theatreProject } from '../rig/theatre-project.ts';

test('a task starts only after its dep has succeeded', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, "task('a').action(act); task('b').deps('a').action(act);");
  const run = await runGulp(site, ['b', '--json'], {
    during: async () => {
      await theatre.order('a', 'ok');
      await theatre.order('b', 'ok');
    },
  });
  assert.deepEqual(storyOf(run), ['a started', 'a succeeded', 'b started', 'b succeeded']);
});

test('tasks with one lock run one after the other, others beside them', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `task('a').locks('db').action(act); task('b').locks('db').action(act);
     task('c').action(act); task('all').deps('a', 'b', 'c');`,
  );
  const run = await runGulp(site, ['all', '--json'], {
    during: async () => {
      await Promise.all([theatre.started('a'), theatre.started('c')]);
      await theatre.order('c', 'ok');
      await theatre.order('a', 'ok');
      await theatre.order('b', 'ok');
    },
  });
  const story = storyOf(run).filter((line) => !line.startsWith('c'));
  assert.deepEqual(story, ['a started', 'a succeeded', 'b started', 'b succeeded']);
});

test('a failure stops what needs it, names its cause, and lets the rest go on', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `task('bad').action(act); task('mid').deps('bad').action(act); task('top').deps('mid');
     task('good').action(act);`,
  );
  const run = await runGulp(site, ['top', 'good', '--json'], {
    code: 1,
    during: async (_child, until) => {
      await theatre.started('good');
      await theatre.order('bad', 'throw');
      await until(({ task, state }) => task === 'mid' && state === 'dependency-failed');
      await theatre.order('good', 'ok');
    },
  });
  assert.deepEqual(endsOf(run), ['bad failed', 'mid dependency-failed', 'good succeeded']);
  const mid = run.events.find(({ task, event }) => task === 'mid' && event === 'task-ended');
  assert.equal(mid?.['cause'], 'bad');
});

test('a failed task is never up to date', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, "task('a').inputs('gulpfile.mjs').action(act);");
  const once = async (command: string, code: number): Promise<string[]> =>
    endsOf(
      await runGulp(site, ['a', '--json'], { code, during: () => theatre.order('a', command) }),
    );
  assert.deepEqual(await once('ok', 0), ['a succeeded']);
  assert.deepEqual(endsOf(await runGulp(site, ['a', '--json'])), ['a up-to-date']);
  const full = await runGulp(site, ['a', '--json', '--full'], {
    code: 1,
    during: () => theatre.order('a', 'throw'),
  });
  assert.deepEqual(endsOf(full), ['a failed']);
  assert.deepEqual(await once('ok', 0), ['a succeeded']);
});

for (const [command, failure] of [
  ['kill', { reason: 'lost', exitCode: null, signal: 'SIGKILL' }],
  ['exit 0', { reason: 'lost', exitCode: 0, signal: null }],
  ['exit 7', { reason: 'lost', exitCode: 7, signal: null }],
] as const) {
  test(`a worker that ends by '${command}' is a failed task`, async () => {
    using theatre = await Theatre.open();
    using site = theatreProject(theatre, "task('a').action(act);");
    const run = await runGulp(site, ['a', '--json'], {
      code: 1,
      during: () => theatre.order('a', command),
    });
    const end = run.events.find(({ event, isGroup }) => event === 'task-ended' && !isGroup);
    assert.deepEqual(end?.failure, failure);
  });
}

test('past its limit a task is stopped, a loop that ignores SIGTERM and its children too', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `import { spawn } from 'node:child_process';
     task('a').timeout(200).action(async (ctx) => {
       process.on('SIGTERM', () => {});
       spawn('sleep', ['1000'], { stdio: 'inherit' });
       await obey(ctx.name);
     });`,
    '{ killGrace: 100 }',
  );
  const run = await runGulp(site, ['a', '--json'], {
    code: 1,
    during: () => theatre.order('a', 'spin'),
  });
  const end = run.events.find(({ event }) => event === 'task-ended');
  assert.deepEqual(end?.failure, { reason: 'timed-out', limitMs: 200 });
});

test('Ctrl-C cancels what runs, leaves nothing behind and exits with 130', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, "task('a').action(act); task('b').deps('a').action(act);");
  const run = await runGulp(site, ['b', '--json'], {
    code: 130,
    during: async (child) => {
      await theatre.started('a');
      child.kill('SIGINT');
    },
  });
  assert.deepEqual(endsOf(run).sort(), ['a cancelled', 'b cancelled']);
});

test('a limit of more days than a timer can count is no limit of no time', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, "task('a').timeout('30 days').action(act);");
  const run = await runGulp(site, ['a', '--json'], { during: () => theatre.order('a', 'ok') });
  assert.deepEqual(endsOf(run), ['a succeeded']);
});
