import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Theatre } from '../rig/puppet.ts';
import { endsOf, type JsonEvent, runGulp } from '../rig/run-gulp.ts';
import { theatreProject } from '../rig/theatre-project.ts';

test("a task that wraps gulp's series of others gives its slot to them", async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `task('a').action(act);
     gulp.task('native', (done) => done());
     task('all').inProcess().wrap(gulp.series('native', 'a'));`,
    '{ parallel: 1 }',
  );
  const run = await runGulp(site, ['all', '--json'], { during: () => theatre.order('a', 'ok') });
  assert.deepEqual(endsOf(run), ['a succeeded', 'all succeeded']);
});

test('such a task that holds a lock which the others need fails instead of hanging', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `task('a').locks('one').action(act);
     task('all').locks('one').inProcess().wrap(gulp.series('a'));`,
  );
  const run = await runGulp(site, ['all', '--json'], {
    code: 1,
    during: async (_child, until) => {
      await until(({ task, state }) => task === 'all' && state === 'failed');
      await theatre.order('a', 'ok');
    },
  });
  assert.deepEqual(endsOf(run), ['all failed', 'a succeeded']);
  assert.match(JSON.stringify(run.events), /wait-deadlock/);
});

for (const step of ['', '.inProcess()']) {
  test(`run() of the build file is refused inside a task${step}, with what to write instead`, async () => {
    using theatre = await Theatre.open();
    using site = theatreProject(
      theatre,
      `task('a').action(act);
       task('outer')${step}.action(async () => { await run('a'); });`,
    );
    const result = await runGulp(site, ['outer', '--json'], { code: 1 });
    assert.deepEqual(endsOf(result), ['outer failed']);
    const { error } = (failureOf(result.events) ?? {}) as { error?: { message?: string } };
    assert.match(error?.message ?? '', /not-in-task[\s\S]*ctx\.run\(\)/);
  });
}

test('more tasks that wait from inside than maxParked allows are refused', async () => {
  using theatre = await Theatre.open();
  using site = theatreProject(
    theatre,
    `task('a').action(act);
     task('one').action((ctx) => ctx.run('a'));
     task('two').deps('gate').action((ctx) => ctx.run('a'));
     task('gate').action(act);`,
    '{ parallel: 3, maxParked: 1 }',
  );
  const run = await runGulp(site, ['one', 'two', '--json'], {
    code: 1,
    during: async (_child, until) => {
      await theatre.started('a');
      await theatre.order('gate', 'ok');
      await until(({ task, state }) => task === 'two' && state === 'failed');
      await theatre.order('a', 'ok');
    },
  });
  assert.deepEqual(endsOf(run), ['gate succeeded', 'two failed', 'a succeeded', 'one succeeded']);
  assert.match(JSON.stringify(failureOf(run.events)), /wait-deadlock[^}]*maxParked/);
});

function failureOf(events: readonly JsonEvent[]): JsonEvent['failure'] {
  return events.find(({ state }) => state === 'failed')?.failure;
}
