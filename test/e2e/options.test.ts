import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obeySource, Theatre } from '../rig/puppet.ts';
import { endsOf, runGulp, storyOf } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

function project(options: string, tasks: string): TempProject {
  return new TempProject({
    'in.txt': '1',
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
gulp.registry(parproc(${options}));
${tasks}`,
  });
}

test('separator: names are taken apart where the option says', async () => {
  using site = project("{ separator: '|' }", "task('a|[x]').action((ctx, { x }) => x);");
  assert.deepEqual(endsOf(await runGulp(site, ['a|one', '--json'])), ['a|one succeeded']);
});

test('cache: false keeps nothing, and everything runs', async () => {
  using site = project('{ cache: false }', "task('a').inputs('in.txt').action(() => 1);");
  for (const _ of [1, 2]) {
    assert.deepEqual(endsOf(await runGulp(site, ['a', '--json'])), ['a succeeded']);
  }
  assert.throws(() => site.read('.parproc/.gitignore'));
});

test('cache: another file can be named', async () => {
  using site = project("{ cache: 'kept/c.sqlite' }", "task('a').inputs('in.txt').action(() => 1);");
  await runGulp(site, ['a']);
  assert.deepEqual(endsOf(await runGulp(site, ['a', '--json'])), ['a up-to-date']);
  assert.equal(site.read('kept/.gitignore'), '*\n');
});

test('timeout: the limit of tasks that set none', async () => {
  using site = project('{ timeout: 150, killGrace: 50 }', "task('a').action(() => { for (;;); });");
  const run = await runGulp(site, ['a', '--json'], { code: 1 });
  const failure = run.events.find((event) => event.failure !== undefined)?.failure;
  assert.deepEqual(failure, { reason: 'timed-out', limitMs: 150 });
});

test('flags: false leaves our flags to the build file', async () => {
  using site = project('{ flags: false }', "task('a').inputs('in.txt').action(() => 1);");
  await runGulp(site, ['a']);
  const again = await runGulp(site, ['a', '--full', '--json']);
  assert.match(again.stdout, /0 ran, 1 up to date/);
});

for (const [flags, options] of [
  [['--parallel=1'], '{ parallel: 4 }'],
  [[], '{ parallel: 1 }'],
] as const) {
  test(`with ${flags.join('')}${options} only so many tasks run at a time`, async () => {
    using theatre = await Theatre.open();
    using site = project(
      options,
      `${obeySource(theatre.port)}
       const act = (ctx) => obey(ctx.name);
       task('a').action(act); task('b').action(act);`,
    );
    const run = await runGulp(site, ['a', 'b', '--json', ...flags], {
      during: async () => {
        await theatre.order('a', 'ok');
        await theatre.order('b', 'ok');
      },
    });
    assert.deepEqual(storyOf(run), ['a started', 'a succeeded', 'b started', 'b succeeded']);
  });
}

test('lock names hold arguments: different values do not exclude each other', async () => {
  using theatre = await Theatre.open();
  using site = project(
    '{ parallel: 4 }',
    `${obeySource(theatre.port)}
     const act = (ctx) => obey(ctx.name);
     task('x::[env]').locks('to-[env]').action(act);
     task('y::[env]').locks('to-[env]').action(act);`,
  );
  const run = await runGulp(site, ['x::dev', 'y::prod', 'y::dev', '--json'], {
    during: async () => {
      await Promise.all([theatre.started('x::dev'), theatre.started('y::prod')]);
      await theatre.order('x::dev', 'ok');
      await theatre.order('y::dev', 'ok');
      await theatre.order('y::prod', 'ok');
    },
  });
  const dev = storyOf(run).filter((line) => line.includes('dev'));
  assert.deepEqual(dev, [
    'x::dev started',
    'x::dev succeeded',
    'y::dev started',
    'y::dev succeeded',
  ]);
});

test('.inProcess() runs in the gulp process, beside tasks that do not', async () => {
  using site = project(
    '{}',
    `globalThis.state = 'here';
     const pid = task('pid').action(() => process.pid);
     task('a').deps(pid).inProcess().action((ctx) => {
       console.log('other process: ' + (ctx.result(pid.of()) !== process.pid));
     });`,
  );
  const run = await runGulp(site, ['a', '--json']);
  assert.match(run.stdout, /other process: true/);
});
