import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endsOf, type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

/** `see` notes, in a file called like the task, in which kind of process it ran and what it got. */
const head = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import gulp from 'gulp';
import { isWorker, parproc, task } from 'parproc';
import * as v from 'valibot';
gulp.registry(parproc());
const see = (ctx, args) => {
  mkdirSync('seen', { recursive: true });
  const where = isWorker ? 'worker' : 'gulp';
  const same = inspect({ ...ctx.args }) === inspect({ ...args }) ? '' : ' unlike ctx.args';
  const file = 'seen/' + encodeURIComponent(ctx.name);
  writeFileSync(file, where + ' ' + inspect({ ...args }) + same);
};
`;

function project(tasks: string): TempProject {
  return new TempProject({ 'gulpfile.mjs': head + tasks });
}

/** What the tasks of a run have noted, by name. */
function seenIn({ folder }: TempProject): Record<string, string> {
  const seen = join(folder, 'seen');
  const files = existsSync(seen) ? readdirSync(seen) : [];
  return Object.fromEntries(
    files.map((file) => [decodeURIComponent(file), readFileSync(join(seen, file), 'utf8')]),
  );
}

function ends(run: GulpResult): Set<string> {
  return new Set(endsOf(run));
}

const cast = `task('cast::[n]::[flag]::[big]::[text]')
  .args({ n: Number, flag: Boolean, big: BigInt, text: String })
  .action(see);`;

test('constructors cast what the action gets, and the name stays as it was asked for', async () => {
  using site = project(cast);
  const names = ['cast::007::YES::123456789012345678901::1', 'cast::-1.5e3::0::-2::a.b@c'];
  const run = await runGulp(site, [...names, '--json']);
  assert.deepEqual(ends(run), new Set(names.map((name) => `${name} succeeded`)));
  assert.deepEqual(seenIn(site), {
    [names[0] ?? '']: "worker { n: 7, flag: true, big: 123456789012345678901n, text: '1' }",
    [names[1] ?? '']: "worker { n: -1500, flag: false, big: -2n, text: 'a.b@c' }",
  });
});

test('f::7 and f::007 are two tasks', async () => {
  using site = project("task('f::[n]').args({ n: Number }).action(see);");
  const run = await runGulp(site, ['f::7', 'f::007', '--json']);
  assert.deepEqual(ends(run), new Set(['f::7 succeeded', 'f::007 succeeded']));
  assert.deepEqual(seenIn(site), { 'f::7': 'worker { n: 7 }', 'f::007': 'worker { n: 7 }' });
});

test('functions give choices, which keep their types in the action and expand globs', async () => {
  using site = project(`task('pick::[env]::[size]')
    .args({ env: () => ['dev', 'prod'], size: () => [1, 2] })
    .action(see);`);
  await runGulp(site, ['pick::d*::*', '--json']);
  assert.deepEqual(seenIn(site), {
    'pick::dev::1': "worker { env: 'dev', size: 1 }",
    'pick::dev::2': "worker { env: 'dev', size: 2 }",
  });
});

const schemas = `
const port = v.pipe(v.string(), v.transform(Number), v.integer('a port is whole'));
const list = v.pipe(v.string(), v.regex(/^[a-z,]+$/), v.transform((text) => text.split(',')));
task('serve::[port]::[hosts]').args({ port, hosts: list }).action(see);`;

test('the output of a Standard Schema reaches the action', async () => {
  using site = project(schemas);
  const run = await runGulp(site, ['serve::0080::a,b', '--json']);
  assert.deepEqual(endsOf(run), ['serve::0080::a,b succeeded']);
  assert.deepEqual(seenIn(site), {
    'serve::0080::a,b': "worker { port: 80, hosts: [ 'a', 'b' ] }",
  });
});

test('[...rest] takes what is left of the name, separators included', async () => {
  using site = project(`task('copy::[to]::[...rest]').action(see);
    task('all::[...names]').deps('copy::x::[names]');`);
  await runGulp(site, ['copy::out::a::b::c', 'all::y::z', '--json']);
  assert.deepEqual(seenIn(site), {
    'copy::out::a::b::c': "worker { to: 'out', rest: 'a::b::c' }",
    'copy::x::y::z': "worker { to: 'x', rest: 'y::z' }",
  });
});

test('{ pattern } lets values through that a name may not hold otherwise', async () => {
  using site = project(`task('file::[path]').args({ path: { pattern: /[\\w/.]+/ } }).action(see);`);
  await runGulp(site, ['file::src/a.txt', '--json']);
  assert.deepEqual(seenIn(site), { 'file::src/a.txt': "worker { path: 'src/a.txt' }" });
});

test('functions of the definition get cast arguments, patterns the text of the name', async () => {
  using site = project(`
    task('next::[n]').action(see);
    task('same::[n]').action(see);
    task('needs::[n]::[flag]')
      .args({ n: Number, flag: Boolean })
      .defaults({ step: 2 })
      .deps(({ n, flag, step }) => (flag === true ? 'next::' + (n + step) : []), 'same::[n]')
      .action(see);`);
  await runGulp(site, ['needs::007::on', 'needs::3::off', '--json']);
  assert.deepEqual(seenIn(site), {
    'next::9': "worker { n: '9' }",
    'same::007': "worker { n: '007' }",
    'same::3': "worker { n: '3' }",
    'needs::007::on': 'worker { n: 7, flag: true }',
    'needs::3::off': 'worker { n: 3, flag: false }',
  });
});

test('wrong values exit with 2 before anything runs, and all of them are named at once', async () => {
  using site = project(`${cast} ${schemas}
    task('pick::[env]').args({ env: () => ['dev', 'prod'] }).action(see);
    gulp.task('native', async () => writeFileSync('native-ran', ''));`);
  const names = ['native', 'pick::dev', 'cast::x::maybe::1.5::.hidden', 'pick::qa'];
  const run = await runGulp(site, [...names, 'serve::1.5::a', 'serve::80::A'], { code: 2 });
  const text = run.stdout + run.stderr;
  const problems: readonly RegExp[] = [
    /'x' is no \[n\].*a number/,
    /'maybe' is no \[flag\].*true or false/,
    /'1\.5' is no \[big\].*a whole number/,
    /'\.hidden' is no \[text\].*no '\.' in front/,
    /'qa' is no \[env\].*dev, prod/,
    /'1\.5' is no \[port\].*a port is whole/,
    /'A' is no \[hosts\].*Invalid format/,
  ];
  for (const problem of problems) assert.match(text, problem);
  assert.equal(text.match(/ is no \[/g)?.length, problems.length);
  assert.match(text, /gulpfile\.mjs:\d+:\d+ {2}argument-not-a-choice/);
  assert.deepEqual(seenIn(site), {});
  assert.equal(existsSync(join(site.folder, 'native-ran')), false);
});

test('wrong values of a dep are named as those of the command line are', async () => {
  using site = project(`task('pick::[env]').args({ env: ['dev'] }).action(see);
    task('count::[n]').args({ n: Number }).action(see);
    task('all').deps('pick::qa', () => ['count::many', 'pick::dev']).action(see);`);
  const { stdout, stderr } = await runGulp(site, ['all'], { code: 2 });
  assert.match(stdout + stderr, /argument-not-a-choice\n.*'qa' is no \[env\]/);
  assert.match(stdout + stderr, /argument-invalid\n.*'many' is no \[n\]/);
  assert.deepEqual(seenIn(site), {});
});

const build = `const build = task('build::[env]::[n]')
  .args({ env: ['dev', 'prod'], n: Number })
  .defaults({ n: 1 })
  .action((ctx, args) => { see(ctx, args); return args; });`;

test('.gulp() gives functions for gulp.series and for exports', async () => {
  using site = project(`${build}
    export const release = build.gulp({ env: 'prod' });
    export const both = gulp.series(build.gulp({ env: 'dev', n: 2 }), release);`);
  const both = await runGulp(site, ['both', '--json']);
  assert.deepEqual(endsOf(both), ['build::dev::2 succeeded', 'build::prod::1 succeeded']);
  assert.deepEqual(seenIn(site), {
    'build::dev::2': "worker { env: 'dev', n: 2 }",
    'build::prod::1': "worker { env: 'prod', n: 1 }",
  });
  const release = await runGulp(site, ['release', '--json']);
  assert.deepEqual(endsOf(release), ['build::prod::1 succeeded']);
});

test('arguments that .gulp() cannot take stop the build file, exit 2', async () => {
  using site = project(`${build}
    export const release = build.gulp({ env: 'qa' });`);
  const run = await runGulp(site, ['release'], { code: 2 });
  assert.match(run.stdout + run.stderr, /argument-not-a-choice\n.*'qa' is no \[env\]/);
});

test('a reference from .of() is a dep, and its result is what the other task returned', async () => {
  using site = project(`${build}
    const dev = build.of({ env: 'dev' });
    task('site').deps(dev, () => build.of({ env: 'prod', n: 3 })).action((ctx) => {
      const { env, n } = ctx.result(dev);
      see(ctx, ctx.args);
      writeFileSync('result', env + n + ' ' + Object.keys(ctx.results).sort());
    });`);
  const run = await runGulp(site, ['site', '--json']);
  assert.deepEqual(
    ends(run),
    new Set(['build::dev::1 succeeded', 'build::prod::3 succeeded', 'site succeeded']),
  );
  assert.equal(site.read('result'), 'dev1 build::dev::1,build::prod::3');
});

test('an unfilled proto is a dep that the arguments and defaults of the declarer fill', async () => {
  using site = project(`${build}
    task('site::[env]').defaults({ n: 5 }).deps(build).action(see);
    task('page::[env]::[n]').deps(() => build).action(see);`);
  await runGulp(site, ['site::prod', 'page::dev::06', '--json']);
  assert.deepEqual(seenIn(site), {
    'build::prod::5': "worker { env: 'prod', n: 5 }",
    'site::prod': "worker { env: 'prod' }",
    'build::dev::06': "worker { env: 'dev', n: 6 }",
    'page::dev::06': "worker { env: 'dev', n: '06' }",
  });
});

test('an unfilled proto that the declarer cannot fill is refused where it is defined', async () => {
  using site = project(`${build}
    task('site::[env]').deps(build);`);
  const run = await runGulp(site, ['site::prod'], { code: 2 });
  assert.match(run.stdout + run.stderr, /gulpfile\.mjs:\d+:\d+ {2}invalid-pattern\n.*\[n\]/);
});
