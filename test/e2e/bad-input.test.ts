import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const good = "task('build::[env]').args({ env: ['dev', 'prod'] }).action(() => 1);";

function project(tasks: string): TempProject {
  return new TempProject({
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
gulp.registry(parproc());
${tasks}`,
  });
}

/** Codes by a build file and a command line that must give them, before anything runs. */
const cases: readonly (readonly [code: string, args: string, tasks: string])[] = [
  ['unknown-task', 'biuld::prod', good],
  ['duplicate-task', 'a', "task('a').action(() => 1); task('a').action(() => 2);"],
  ['duplicate-task', 'a', "task('a').action(() => 1); gulp.task('a', (done) => done());"],
  ['missing-argument', 'x::', "task('x::[a]').action(() => 1);"],
  ['invalid-pattern', 'a', "task('a').deps('build::[env]');"],
  ['invalid-pattern', 'a', "task('a').deps(() => 'build::[env]');"],
  ['argument-not-a-choice', 'build::qa', good],
  ['argument-invalid', 'x::.hidden', "task('x::[a]').action(() => 1);"],
  ['glob-without-choices', 'x::*', "task('x::[a]').action(() => 1);"],
  ['no-match', 'build::z*', good],
  ['dependency-cycle', 'a', "task('a').deps('b'); task('b').deps('a');"],
  [
    'overlapping-outputs',
    'c',
    "task('a').outputs('o').action(() => 1); task('b').outputs('o').action(() => 1); task('c').deps('a', 'b');",
  ],
  ['invalid-name', 'a', "task('a::[b]c');"],
  ['invalid-name', 'a', "task('a::::b');"],
  ['definition-conflict', 'a', "task('a').action(() => 1).action(() => 2);"],
  ['definition-conflict', 'a', "task('a').wrap(gulp.series((done) => done()));"],
  ['definition-conflict', 'a', "task('a').service({ readyWhen: 80 });"],
  ['invalid-option', 'a', "task('a').service({ readyWhen: '80' }).action(() => 1);"],
  ['invalid-option', 'a', "task('a').timeout('soon');"],
  ['invalid-option', 'a', 'parproc({ paralel: 2 });'],
  ['flag-swallows-task', '--full a', "task('a').action(() => 1); task('default');"],
  ['ambiguous-proto', 'x::y', "task('x::[a]'); task('[b]::y');"],
];

for (const [code, args, tasks] of cases) {
  test(`gulp ${args} with ${tasks} is ${code}, exit 2`, async () => {
    using site = project(tasks);
    const run = await runGulp(site, args.split(' '), { code: 2 });
    const text = run.stdout + run.stderr;
    assert.match(text, new RegExp(`\\b${code}\\b`));
    assert.doesNotMatch(text, /▶|\bran,|node_modules|\bat .*:\d+:\d+\)/);
  });
}

test('a definition that is changed after its use is definition-sealed', async () => {
  using site = project(`const a = task('a').inProcess();
    a.action(() => { a.noSkip(); });`);
  const run = await runGulp(site, ['a', '--json'], { code: 2 });
  const failure = run.events.find((event) => event.failure !== undefined)?.failure;
  assert.match(JSON.stringify(failure), /definition-sealed/);
});

test("an unknown plain name gets gulp's own message, exit 1", async () => {
  using site = project(good);
  const run = await runGulp(site, ['biuld'], { code: 1 });
  assert.match(run.stdout + run.stderr, /Task never defined: biuld/);
});

test('errors of all names on the command line appear at once, before native tasks start', async () => {
  using site = project(
    `${good} gulp.task('native', (done) => { console.log('ran it'); done(); });`,
  );
  const run = await runGulp(site, ['native', 'build::qa', 'nope::x'], { code: 2 });
  const text = run.stdout + run.stderr;
  assert.match(text, /argument-not-a-choice/);
  assert.match(text, /unknown-task/);
  assert.doesNotMatch(text, /ran it/);
});

test('a build file that throws in the worker is one error with its stack', async () => {
  using site = project(`import { isWorker } from 'parproc';
    if (isWorker) throw new Error('only in workers');
    task('a').action(() => 1); task('b').action(() => 1); task('c').deps('a', 'b');`);
  const run = await runGulp(site, ['c'], { code: 1 });
  assert.equal(run.stdout.match(/only in workers/g)?.length, 1);
  assert.match(run.stdout, /gulpfile\.mjs:4/);
});

test('a task that the worker does not find is not-in-worker', async () => {
  using site = project(`import { isWorker } from 'parproc';
    if (!isWorker) task('a').action(() => 1);`);
  const run = await runGulp(site, ['a', '--json'], { code: 1 });
  const failure = run.events.find((event) => event.failure !== undefined)?.failure;
  assert.equal(failure?.reason, 'not-in-worker');
});

test('a result that cannot be sent is named by its path', async () => {
  using site = project(`task('a').action(() => ({ files: [{ close() {} }] }));`);
  const run = await runGulp(site, ['a', '--json'], { code: 1 });
  const failure = run.events.find((event) => event.failure !== undefined)?.failure;
  assert.equal(failure?.['path'], 'result.files[0].close');
});

test('outputs that were not made are outputs-missing', async () => {
  using site = project(`task('a').outputs('dist/x').action(() => 1);`);
  const run = await runGulp(site, ['a', '--json'], { code: 1 });
  const failure = run.events.find((event) => event.failure !== undefined)?.failure;
  assert.deepEqual(failure, { reason: 'outputs-missing', paths: ['dist/x'] });
});

test('a cyclic result with a part that cannot be sent is named by that part', async () => {
  using site = project(`task('a').action(() => {
    const result = { close() {} };
    result.self = result;
    return result;
  });`);
  const run = await runGulp(site, ['a', '--json'], { code: 1 });
  const failure = run.events.find((event) => event.failure !== undefined)?.failure;
  assert.equal(failure?.['path'], 'result.close');
});
