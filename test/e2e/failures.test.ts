import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Theatre } from '../rig/puppet.ts';
import { endsOf, type JsonEvent, runGulp, storyOf } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';
import { theatreProject } from '../rig/theatre-project.ts';

const three = "task('a').action(act); task('b').action(act); task('c').action(act);";

/** Orders each task as it starts. */
async function orders(theatre: Theatre, ...list: readonly string[]): Promise<void> {
  for (const entry of list) {
    const [name = '', command = ''] = entry.split(' ');
    await theatre.order(name, command);
  }
}

test('a task is tried again as often as it may, with growing delays, and its attempts are told', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `task('a').retries(2, { delay: 1, backoff: 3 })
       .action((ctx) => obey('try ' + ctx.attempt).then(() => ctx.attempt));`,
  );
  const run = await runGulp(site, ['a', '--json'], {
    during: async () => {
      await theatre.order('try 1', 'throw');
      await theatre.order('try 2', 'kill');
      await theatre.order('try 3', 'ok');
    },
  });
  const retried = run.events.filter(({ event }) => event === 'task-retried');
  assert.deepEqual(
    retried.map(({ attempt, delayMs, failure }) => [attempt, delayMs, failure?.reason]),
    [
      [1, 1, 'threw'],
      [2, 3, 'lost'],
    ],
  );
  assert.deepEqual(endsOf(run), ['a succeeded']);
});

test('when all attempts have failed the task has failed', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, "task('a').retries(1).action(act);");
  const run = await runGulp(site, ['a', '--json'], {
    code: 1,
    during: () => orders(theatre, 'a throw', 'a throw'),
  });
  assert.deepEqual(theatre.log, ['started a', 'started a']);
  assert.deepEqual(endsOf(run), ['a failed']);
});

test('a task that skips its work is not tried again', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    "task('a').retries(3).action((ctx) => ctx.skip('nothing to do'));",
  );
  const run = await runGulp(site, ['a', '--json']);
  assert.deepEqual(storyOf(run), ['a started', 'a skipped']);
});

test('with --fail-fast nothing is started after a failure, and what runs may end', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, three, '{ parallel: 2 }');
  const run = await runGulp(site, ['a', 'b', 'c', '--json', '--fail-fast'], {
    code: 1,
    during: async (_child, until) => {
      await Promise.all([theatre.started('a'), theatre.started('b')]);
      await theatre.order('a', 'throw');
      await until(({ task, state }) => task === 'c' && state === 'cancelled');
      await theatre.order('b', 'ok');
    },
  });
  assert.deepEqual(endsOf(run), ['a failed', 'c cancelled', 'b succeeded']);
});

test("failureMode 'kill' stops what runs too, and nothing of it is left", async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, three, "{ parallel: 2, failureMode: 'kill' }");
  const run = await runGulp(site, ['a', 'b', 'c', '--json'], {
    code: 1,
    during: async () => {
      await Promise.all([theatre.started('a'), theatre.started('b')]);
      await theatre.order('a', 'throw');
    },
  });
  assert.deepEqual(endsOf(run), ['a failed', 'c cancelled', 'b cancelled']);
});

test("gulp's --continue wins over the option, and contradicts --fail-fast", async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, three, "{ parallel: 1, failureMode: 'no-new' }");
  const run = await runGulp(site, ['a', 'b', '--json', '--continue'], {
    code: 1,
    during: () => orders(theatre, 'a throw', 'b ok'),
  });
  assert.deepEqual(endsOf(run), ['a failed', 'b succeeded']);
  const both = await runGulp(site, ['a', '--continue', '--fail-fast'], { code: 2 });
  assert.match(both.stdout + both.stderr, /invalid-option[\s\S]*opposite/);
});

test('NO_FAILURES waits for everything else and runs only if nothing has failed', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `${three} task('deploy').deps('a', NO_FAILURES).action(act);`,
  );
  const well = await runGulp(site, ['deploy', 'b', '--json'], {
    during: async (_child, until) => {
      await theatre.order('a', 'ok');
      await until(({ task, state }) => task === 'a' && state === 'succeeded');
      await orders(theatre, 'b ok', 'deploy ok');
    },
  });
  assert.deepEqual(endsOf(well), ['a succeeded', 'b succeeded', 'deploy succeeded']);
  const ill = await runGulp(site, ['deploy', 'b', '--json'], {
    code: 1,
    during: async (_child, until) => {
      await theatre.order('a', 'ok');
      await until(({ task, state }) => task === 'a' && state === 'succeeded');
      await theatre.order('b', 'throw');
    },
  });
  assert.deepEqual(endsOf(ill), ['a succeeded', 'b failed', 'deploy dependency-failed']);
  const deploy = ill.events.find(({ task, state }) => task === 'deploy' && state !== undefined);
  assert.equal(deploy?.['cause'], 'b');
});

test('a nested failure that its parent catches is shown and does not fail the run', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `${three} task('parent').action(async (ctx) => {
       await ctx.run('a').catch((error) => console.log(error.name, error.message));
     });`,
  );
  const run = await runGulp(site, ['parent', '--json'], {
    during: () => orders(theatre, 'a throw'),
  });
  assert.deepEqual(endsOf(run), ['a failed', 'parent succeeded']);
  assert.equal(outputOf(run.events, 'parent'), 'RunFailed Task failed: a\n');
});

test('a task that was started and not waited for is waited for by the run, and fails it', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(theatre, `${three} task('parent').action((ctx) => ctx.start('a'));`);
  const run = await runGulp(site, ['parent', '--json'], {
    code: 1,
    during: async (_child, until) => {
      await until(({ task, state }) => task === 'parent' && state === 'succeeded');
      await theatre.order('a', 'throw');
    },
  });
  assert.deepEqual(endsOf(run), ['parent succeeded', 'a failed']);
});

function outputOf(events: readonly JsonEvent[], name: string): string {
  const texts = events.filter(({ event, task }) => event === 'output' && task === name);
  return texts.map(({ text }) => String(text)).join('');
}

test('when gulp is killed nothing survives, not even an endless loop and its children', async () => {
  using project = new TempProject({
    'gulpfile.mjs': `
      import { spawn } from 'node:child_process';
      import gulp from 'gulp';
      import { parproc, task } from 'parproc';
      gulp.registry(parproc({ parallel: 2 }));
      task('loop').action(() => {
        for (const detached of [false, true]) spawn('sleep', ['1000'], { detached, stdio: 'ignore' });
        console.log('looping');
        for (;;);
      });
      task('wait').action(() => new Promise((resolve) => setTimeout(resolve, 1e6)));
    `,
  });
  await runGulp(project, ['loop', 'wait', '--json'], {
    code: null,
    async during(gulp, until) {
      await until(({ event, text }) => event === 'output' && text === 'looping\n');
      gulp.kill('SIGKILL');
    },
  });
});
