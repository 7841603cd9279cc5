import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obeySource, Theatre } from '../rig/puppet.ts';
import { endsOf, type JsonEvent, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const isWaiting = ({ event, code }: JsonEvent): boolean =>
  event === 'warning' && code === 'waiting-for-build';
const warningsOf = (events: readonly JsonEvent[]): unknown[] =>
  events.flatMap(({ event, code }) => (event === 'warning' ? [code] : []));

/** Two tasks that end when the theatre says so, and one that runs gulp itself. */
function project(theatre: Theatre): TempProject {
  return new TempProject({
    'gulpfile.mjs': `
import { writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
${obeySource(theatre.port)}
gulp.registry(parproc());
for (const name of ['a', 'b']) {
  task(name).inputs('in.txt').outputs(name + '.txt').action(async () => {
    writeFileSync(name + '.txt', await obey(name));
  });
}
task('inner').inputs('in.txt').outputs('inner.txt').action(() => writeFileSync('inner.txt', 'made'));
task('outer').inputs('in.txt').outputs('outer.txt').action(async (ctx) => {
  const { stdout } = await ctx.exec(process.execPath, [process.env.GULP, 'inner', '--json']);
  writeFileSync('outer.txt', stdout);
});
`,
    'in.txt': 'in',
  });
}

test('staleness 23: a second build waits for the first, says for whom, and knows what that has left', async () => {
  using theatre = await Theatre.open();
  using site = project(theatre);
  let pid: number | undefined;
  const first = runGulp(site, ['a'], {
    during(child) {
      pid = child.pid;
    },
  });
  await theatre.started('a');
  const second = await runGulp(site, ['a', 'b', '--json'], {
    async during(_, until) {
      await until(isWaiting);
      assert.deepEqual(theatre.log, ['started a']);
      await theatre.order('a', 'ok A');
      await theatre.order('b', 'ok B');
    },
  });
  await first;
  const who = `another build in this folder: gulp a (process ${pid})`;
  assert.equal(second.events.find(isWaiting)?.['text'], `Waiting for ${who}.`);
  assert.deepEqual(endsOf(second).toSorted(), ['a up-to-date', 'b succeeded']);
  const third = await runGulp(site, ['a', 'b', '--json']);
  assert.deepEqual(endsOf(third).toSorted(), ['a up-to-date', 'b up-to-date']);
  assert.deepEqual(warningsOf(third.events), []);
});

test('a build with nothing to do waits as well: what it needs may be about to change', async () => {
  using theatre = await Theatre.open();
  using site = project(theatre);
  await runGulp(site, ['inner']);
  const first = runGulp(site, ['a']);
  await theatre.started('a');
  const second = await runGulp(site, ['inner', '--json'], {
    async during(_, until) {
      await until(isWaiting);
      await theatre.order('a', 'ok A');
    },
  });
  await first;
  assert.deepEqual(endsOf(second), ['inner up-to-date']);
  const third = await runGulp(site, ['inner', '--json']);
  assert.deepEqual(endsOf(third), ['inner up-to-date']);
  assert.deepEqual(warningsOf(third.events), []);
});

test('a build that is killed lets the next one go on at once', async () => {
  using theatre = await Theatre.open();
  using site = project(theatre);
  let kill: (() => boolean) | undefined;
  const first = runGulp(site, ['a'], {
    code: null,
    during(child) {
      kill = () => child.kill('SIGKILL');
    },
  });
  await theatre.started('a');
  const second = await runGulp(site, ['b', '--json'], {
    async during(_, until) {
      await until(isWaiting);
      assert.equal(kill?.(), true);
      await theatre.order('b', 'ok B');
    },
  });
  await first;
  assert.deepEqual(endsOf(second), ['b succeeded']);
});

test('without a cache nothing waits', async () => {
  using theatre = await Theatre.open();
  using site = project(theatre);
  const first = runGulp(site, ['a']);
  await theatre.started('a');
  const second = await runGulp(site, ['b', '--json', '--cache=off'], {
    during: () => theatre.order('b', 'ok B'),
  });
  assert.deepEqual(warningsOf(second.events), []);
  await theatre.order('a', 'ok A');
  await first;
});

test('a gulp that a task runs does not wait for the build of the task', async () => {
  using theatre = await Theatre.open();
  using site = project(theatre);
  const env = { GULP: `${site.folder}/node_modules/gulp/bin/gulp.js` };
  assert.deepEqual(endsOf(await runGulp(site, ['outer', '--json'], { env })), ['outer succeeded']);
  assert.match(site.read('outer.txt'), /"task":"inner","isGroup":false,"state":"succeeded"/);
  assert.doesNotMatch(site.read('outer.txt'), /"event":"warning"/);
  const again = await runGulp(site, ['inner', 'outer', '--json'], { env });
  assert.deepEqual(endsOf(again).toSorted(), ['inner up-to-date', 'outer up-to-date']);
});
