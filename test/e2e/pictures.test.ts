import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventProblems } from '../rig/event-schema.ts';
import { runGulp } from '../rig/run-gulp.ts';
import { repository, TempProject } from '../rig/temp-project.ts';

const site = (): TempProject =>
  new TempProject({
    'in.txt': 'x',
    'gulpfile.mjs': `
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 2 }));
task('a::[n]').args({ n: [1, 2] }).inputs('in.txt').action((ctx) => { console.log(ctx.name); });
task('again').retries(1).action((ctx) => { if (ctx.attempt === 1) throw new TypeError('no', { cause: 1 }); });
task('skip').action((ctx) => ctx.skip('not now'));
task('bad').deps('a::1').action((ctx) => ctx.fail('bad'));
task('lost').action(() => process.exit(3));
task('never').action((ctx, args, done) => undefined);
task('late').timeout(50).action(() => { for (;;); });
task('odd').action(() => () => undefined);
task('empty').outputs('nothing.txt').action(() => undefined);
task('after').deps('bad').action(() => undefined);
task('here').inProcess().action((ctx) => { console.log(process.pid); });
gulp.task('native', (done) => done());
task('all').deps('a::*', 'again', 'skip', 'bad', 'lost', 'never', 'late', 'odd', 'empty', 'after', 'here', 'native');
`,
  });

test('every line of --json, of what goes well and of what does not, fits the schema', async () => {
  using project = site();
  for (const args of [['all'], ['a::*'], ['a::*', '--full']]) {
    const { stdout } = await runGulp(project, [...args, '--json', '-S'], {
      code: args[0] === 'all' ? 1 : 0,
    });
    const lines = stdout.split('\n').slice(0, -1);
    assert.ok(lines.length > 5);
    for (const line of lines) assert.deepEqual(eventProblems(JSON.parse(line)), [], line);
    if (args[0] === 'all') {
      const reasons = lines.flatMap(
        (line) => /"failure":\{"reason":"([\w-]+)"/.exec(line)?.[1] ?? [],
      );
      assert.deepEqual(
        [...new Set(reasons)].sort(),
        'declared lost never-completed not-serialisable outputs-missing threw timed-out'.split(' '),
      );
    }
  }
});

test('--json tells of each attempt which worker has taken it up, or that gulp has', async () => {
  using project = site();
  const { stdout } = await runGulp(project, ['all', '--json', '-S'], { code: 1 });
  type Line = { event: string; task: string; pid: number; worker?: number; text: string };
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  const takenUp = lines.filter(({ event }) => event === 'task-taken-up');
  const gulpPid = Number(
    lines.find(({ event, task }) => event === 'output' && task === 'here')?.text,
  );
  for (const name of ['here', 'native']) {
    const own = takenUp.filter(({ task }) => task === name);
    assert.deepEqual(
      own.map(({ pid, worker }) => [pid, worker]),
      [[gulpPid, undefined]],
    );
  }
  const others = takenUp.filter(({ task }) => task !== 'here' && task !== 'native');
  for (const { pid, worker } of others) {
    assert.ok(
      worker !== undefined && worker <= 2 && pid !== gulpPid && pid > 0,
      `${worker} ${pid}`,
    );
  }
  const names = others.map(({ task }) => task).sort();
  const once = ['a::1', 'a::2', 'bad', 'empty', 'late', 'lost', 'never', 'odd', 'skip'];
  assert.deepEqual(names, [...once, 'again', 'again'].sort());
});

test('of what is up to date pictures and programs are told how long it took', async () => {
  using project = site();
  await runGulp(project, ['a::1']);
  const { stdout } = await runGulp(project, ['a::1', '--json', '-S', '--report=build.html']);
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { event: string; state?: string; estimateMs?: number });
  assert.ok(lines.some(({ state }) => state === 'up-to-date'));
  const wanted = lines.find(({ event }) => event === 'task-wanted');
  assert.ok((wanted?.estimateMs ?? 0) > 0, stdout);
  assert.match(project.read('build.html'), /"state":"up-to-date"[^}]*"estimateMs":[\d.]+/);
});

test('every line of --json of the example fits the schema, and its graph is whole', async () => {
  using project = new TempProject();
  for (const path of ['parprocfile.example.ts', 'examples/build', 'examples/src']) {
    cpSync(join(repository, path), join(project.folder, path), { recursive: true });
  }
  const modules = join(project.folder, 'node_modules');
  for (const name of readdirSync(join(repository, 'node_modules'))) {
    const link = join(modules, name);
    if (!existsSync(link)) symlinkSync(join(repository, 'node_modules', name), link);
  }
  const { stdout } = await runGulp(
    project,
    ['icons::0', 'scripts::dev', 'static', '--json', '-S', '--graph=graph.json'],
    { gulpfile: 'parprocfile.example.ts', nodeFlags: ['--import', 'tsx'] },
  );
  const lines = stdout.split('\n').slice(0, -1);
  assert.ok(lines.length >= 8, stdout);
  for (const line of lines) assert.deepEqual(eventProblems(JSON.parse(line)), [], line);
  const { tasks } = JSON.parse(project.read('graph.json')) as {
    tasks: { task: string; state: string }[];
  };
  assert.deepEqual(tasks.map(({ task, state }) => `${task} ${state}`).sort(), [
    'icons::0 succeeded',
    'scripts::dev succeeded',
    'static succeeded',
  ]);
});

test('--timeline and --graph write files, from where the command was typed, whatever the end', async () => {
  using project = site();
  const { stdout } = await runGulp(
    project,
    ['all', '--timeline=out/trace.json', '--graph', 'graph.mmd', '--parallel=3'],
    { code: 1 },
  );
  assert.match(stdout, /10 tasks|failed/);
  const { traceEvents } = JSON.parse(project.read('out/trace.json')) as {
    traceEvents: {
      ph: string;
      name: string;
      tid: number;
      ts: number;
      dur: number;
      args: { name: string };
    }[];
  };
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  assert.ok(slices.some(({ name }) => name === 'a::1'));
  assert.ok(!slices.some(({ name }) => name === 'after'));
  const rows = traceEvents.filter(({ name }) => name === 'thread_name');
  const labels = rows.map(({ args }) => args.name);
  // How many come up in time hangs on the machine; each has one row, and gulp as many as it needs.
  assert.match(
    labels.join(' '),
    /^(?:worker 0 )?(?:worker 1 )?(?:worker 2 )?gulp(?: gulp \(2\))?$/,
  );
  for (const [index, slice] of slices.entries()) {
    const beside = slices
      .slice(index + 1)
      .filter((other) => other.tid === slice.tid && other.ts < slice.ts + slice.dur)
      .filter((other) => slice.ts < other.ts + other.dur);
    assert.deepEqual(beside, [], 'slices of one lane overlap');
  }
  assert.ok(traceEvents.some(({ ph, name }) => ph === 'i' && name === 'again: again'));
  assert.match(project.read('graph.mmd'), /^flowchart LR\n.*\n {2}t1\["a::1"\]:::succeeded\n/);
  assert.match(project.read('graph.mmd'), /\["after"\]:::dependency-failed\n/);
  const names = readdirSync(join(project.folder, 'out'));
  assert.deepEqual(names, ['trace.json'], 'nothing unfinished is left');
});

test('with --dry-run the graph is of what would run, its events fit the schema, nothing runs', async () => {
  using project = site();
  const args = ['bad', '--dry-run', '--graph=graph.mmd', '--report=build.html', '--json', '-S'];
  const { stdout } = await runGulp(project, args);
  const lines = stdout.split('\n').slice(0, -1);
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { event: string }).event),
    ['task-foreseen', 'task-foreseen', 'dry-run-ended'],
  );
  for (const line of lines) assert.deepEqual(eventProblems(JSON.parse(line)), [], line);
  assert.match(
    project.read('graph.mmd'),
    /^flowchart LR\n {2}t0\["a::1"\]:::wanted\n {2}t1\["bad"\]:::wanted\n {2}t0 --> t1\n/,
  );
  assert.match(project.read('build.html'), /<script type="application\/json"/);
  assert.equal(existsSync(join(project.folder, '.parproc')), false);
});

test('a picture that cannot be written is a warning, and the build goes on', async () => {
  using project = site();
  mkdirSync(join(project.folder, 'taken.json'));
  const { stdout } = await runGulp(project, ['a::1', '--timeline=taken.json']);
  assert.match(stdout, /! taken\.json was not written: /);
  assert.deepEqual(readdirSync(join(project.folder, 'taken.json')), []);
});

test('a file name that tells no format, or none at all, is an error before anything runs', async () => {
  using project = site();
  for (const flag of ['--graph=graph.png', '--graph=', '--timeline=']) {
    const { stdout, stderr } = await runGulp(project, ['a::1', flag], { code: 2 });
    assert.match(stdout + stderr, /invalid-option/);
    assert.equal(existsSync(join(project.folder, '.parproc')), false);
  }
});
