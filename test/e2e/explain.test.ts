import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const gulpfile = `
import { readFileSync, writeFileSync, mkdirSync, appendFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
import { suffix } from './suffix.mjs';
gulp.registry(parproc({ parallel: 1 }));
const copy = (ctx) => {
  appendFileSync('ran.txt', ctx.name + '\\n');
  mkdirSync('dist', { recursive: true });
  writeFileSync(ctx.outputs[0], ctx.inputs.map((file) => readFileSync(file, 'utf8')).join('') + suffix);
};
task('make::[n]').args({ n: ['1', '2'] }).env('LEVEL').inputs('src/[n].txt', 'src/[n].mo*').outputs('dist/[n].txt').action(copy);
task('join').deps('make::*').inputs('dist/1.txt', 'dist/2.txt').outputs('dist/all.txt').action(copy);
task('site').deps('join');
if (process.env.EAGER) task('eager').now().action((ctx) => appendFileSync('ran.txt', 'eager\\n'));
gulp.task('clean', (done) => { appendFileSync('ran.txt', 'clean\\n'); done(); });
gulp.task('deploy', gulp.series('clean', gulp.parallel('site')));
task('after').deps('clean').inputs('src/1.txt').action((ctx) => appendFileSync('ran.txt', 'after\\n'));
`;

function project(): TempProject {
  return new TempProject({
    'gulpfile.mjs': gulpfile,
    'suffix.mjs': "export const suffix = '.';",
    'package-lock.json': '{}',
    'src/1.txt': 'one',
    'src/2.txt': 'two',
  });
}

/** What is told of tasks, without the time of day; gulp's own lines left out. */
function linesOf({ stdout }: GulpResult): string[] {
  return stdout
    .split('\n')
    .map((line) => line.replace(/^\[[\d:]+\] /, ''))
    .filter((line) => line !== '' && !/^(?:Using|Starting|Finished)/.test(line))
    .map((line) => line.replace(/\d+(?:\.\d+)? m?s$/, 'N ms'));
}

function forecastsOf({ events }: GulpResult): string[] {
  return events
    .filter(({ event }) => event === 'task-foreseen')
    .map(({ task, forecast }) => `${task} ${String(forecast)}`);
}

test('--explain tells of each task that it is up to date, or every reason why it ran', async () => {
  using site = project();
  const first = await runGulp(site, ['site', '--explain']);
  assert.ok(linesOf(first).includes('▶ join  first run'));
  const second = await runGulp(site, ['site', '--explain']);
  assert.deepEqual(linesOf(second), [
    '= make::1  up to date',
    '= make::2  up to date',
    '= join  up to date',
    '= site  up to date',
    '0 ran, 3 up to date, 0 failed in N ms',
  ]);
  site.write('src/1.txt', 'ONE');
  site.write('src/1.more', 'more');
  site.write('package-lock.json', '{ }');
  site.write('suffix.mjs', "export const suffix = '!';");
  const third = await runGulp(site, ['site'], { env: { PARPROC_EXPLAIN: '1', LEVEL: '2' } });
  assert.deepEqual(linesOf(third).slice(0, 7), [
    '▶ make::1  its module suffix.mjs changed',
    '    package-lock.json changed, a global input',
    '    LEVEL changed',
    '    src/1.more is new',
    '    src/1.txt changed',
    '✔ make::1  N ms',
    '▶ make::2  its module suffix.mjs changed',
  ]);
  assert.ok(linesOf(third).includes('· site  only groups others, some of which ran'));
});

test('--dry-run says what would run and what may, does nothing, and writes nothing', async () => {
  using site = project();
  const before = readdirSync(site.folder).sort();
  const first = await runGulp(site, ['site', '--dry-run'], { env: { EAGER: '1' } });
  assert.deepEqual(linesOf(first), [
    '▷ make::1  would run: first run',
    '▷ make::2  would run: first run',
    '▷ join  would run: first run',
    'Dry run: 3 would run, 0 may run, 0 up to date; nothing was done',
  ]);
  assert.deepEqual(readdirSync(site.folder).sort(), before);
  await runGulp(site, ['site']);
  site.write('src/1.txt', 'ONE');
  site.write('src/1.more', 'more');
  const after = readdirSync(`${site.folder}/.parproc`).sort();
  const second = await runGulp(site, ['site', '--dry-run', '--explain']);
  assert.deepEqual(linesOf(second), [
    '▷ make::1  would run: src/1.more is new',
    '    src/1.txt changed',
    '= make::2  up to date',
    '? join  may run: if make::1 comes to something else',
    '· site  only groups others; may run: join',
    'Dry run: 1 would run, 1 may run, 1 up to date; nothing was done',
  ]);
  assert.deepEqual(readdirSync(`${site.folder}/.parproc`).sort(), after);
  const json = await runGulp(site, ['join', '--json'], { env: { PARPROC_DRY_RUN: '1' } });
  assert.deepEqual(forecastsOf(json), ['make::1 would-run', 'make::2 up-to-date', 'join may-run']);
  assert.deepEqual(json.events.at(-1)?.['counts'], {
    wouldRun: 1,
    wouldRestore: 0,
    mayRun: 1,
    upToDate: 1,
  });
  const ran = site.read('ran.txt').split('\n').filter(Boolean);
  assert.deepEqual(ran.sort(), ['join', 'make::1', 'make::2']);
});

test('an output that its maker would make anew is no certain reason for who reads it', async () => {
  using site = project();
  await runGulp(site, ['site']);
  site.write('dist/1.txt', 'tampered');
  const run = await runGulp(site, ['site', '--dry-run', '--json']);
  assert.deepEqual(forecastsOf(run), [
    'make::1 would-run',
    'make::2 up-to-date',
    'join may-run',
    'site may-run',
  ]);
});

test("a dry run does not call gulp's own tasks, and looks into what they are made of", async () => {
  using site = project();
  const run = await runGulp(site, ['deploy', '--dry-run', '--json']);
  assert.deepEqual(forecastsOf(run), [
    'deploy would-run',
    'make::1 would-run',
    'make::2 would-run',
    'join would-run',
    'site would-run',
  ]);
  const after = await runGulp(site, ['after', '--dry-run', '--json']);
  assert.deepEqual(forecastsOf(after), ['clean would-run', 'after would-run']);
  assert.ok(!readdirSync(site.folder).includes('ran.txt'));
});

test('a wrong request is an error in a dry run too, and a full one would run everything', async () => {
  using site = project();
  await runGulp(site, ['nope::x', '--dry-run'], { code: 2 });
  await runGulp(site, ['site']);
  const full = await runGulp(site, ['join', '--dry-run', '--full', '--json']);
  assert.deepEqual(forecastsOf(full), ['make::1 would-run', 'make::2 would-run', 'join would-run']);
});
