import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endsOf, type GulpOptions, type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const tasks = `
  import { writeFileSync } from 'node:fs';
  import { task } from 'parproc';
  task('build::[env]').args({ env: ['dev', 'prod'] }).describe('Builds the site').inputs('src.txt')
    .action((ctx, { env }) => { writeFileSync(env + '.txt', String(ctx.params.target)); });
  task('broken').action((ctx) => ctx.fail('no good'));
  task('plain:colon').action(() => writeFileSync('colon.txt', ''));
  task('site::all').deps('build::*');
  task('[lang]::docs').args({ lang: ['en', 'de'] }).action((_ctx, { lang }) => writeFileSync(lang + '.txt', ''));
  task('slow').action(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
`;

const gruntfile = `
  const { registerTasks } = require('parproc/grunt');
  require('./tasks.mjs');
  module.exports = (grunt) => {
    registerTasks(grunt);
    grunt.registerTask('own', 'a task of grunt', () => grunt.file.write('own.txt', ''));
    grunt.registerTask('default', ['build::dev', 'own']);
  };
`;

function site(files: Readonly<Record<string, string>> = {}): TempProject {
  return new TempProject({
    'package.json': '{}',
    'Gruntfile.js': gruntfile,
    'tasks.mjs': tasks,
    'src.txt': 'source',
    ...files,
  });
}

function grunt(
  project: TempProject,
  args: readonly string[],
  options: GulpOptions = {},
): Promise<GulpResult> {
  return runGulp(project, args, { bin: 'grunt/bin/grunt', ...options });
}

function has(project: TempProject, ...names: readonly string[]): string[] {
  return names.filter((name) => existsSync(join(project.folder, name)));
}

test('grunt runs filled names, globs, plain tasks and lists, and what is up to date does nothing', async () => {
  using project = site();
  const ends = async (...args: readonly string[]) =>
    endsOf(await grunt(project, [...args, '--json']));
  assert.deepEqual(await ends('build::prod'), ['build::prod succeeded']);
  assert.deepEqual(await ends('build::prod'), ['build::prod up-to-date']);
  assert.deepEqual((await ends('build::*')).sort(), [
    'build::dev succeeded',
    'build::prod up-to-date',
  ]);
  assert.deepEqual(await ends(), ['build::dev up-to-date']);
  assert.deepEqual(await ends('plain:colon', 'de::docs'), [
    'plain:colon succeeded',
    'de::docs succeeded',
  ]);
  assert.deepEqual(has(project, 'own.txt', 'colon.txt', 'de.txt', 'en.txt'), [
    'own.txt',
    'colon.txt',
    'de.txt',
  ]);
  assert.deepEqual((await ends('site::all', '--full')).sort(), [
    'build::dev succeeded',
    'build::prod succeeded',
  ]);
});

test('what grunt.option holds are params, which a task runs again for', async () => {
  using project = site();
  const ends = async (target: string) =>
    endsOf(await grunt(project, ['build::dev', `--target=${target}`, '--json']));
  assert.deepEqual(await ends('one'), ['build::dev succeeded']);
  assert.equal(project.read('dev.txt'), 'one');
  assert.deepEqual(await ends('one'), ['build::dev up-to-date']);
  assert.deepEqual(await ends('two'), ['build::dev succeeded']);
  assert.equal(project.read('dev.txt'), 'two');
});

test('a failed task ends grunt with 3, unless it is told to go on', async () => {
  using project = site();
  const failed = await grunt(project, ['broken', 'own'], { code: 3 });
  assert.match(failed.stdout, /no good/);
  assert.match(failed.stdout, /Warning: .*broken/);
  assert.deepEqual(has(project, 'own.txt'), []);
  await grunt(project, ['broken', 'own', '--force']);
  assert.deepEqual(has(project, 'own.txt'), ['own.txt']);
});

test('a wrong name is told with what would be right, and ends grunt with 1', async () => {
  using project = site();
  const { stdout } = await grunt(project, ['build::prud', '--force'], { code: 1 });
  assert.match(stdout, /Fatal error:[\s\S]*argument-not-a-choice[\s\S]*prod/);
});

test('grunt lists the tasks with their descriptions', async () => {
  using project = site();
  const { stdout } = await grunt(project, ['--help']);
  assert.match(stdout, /\bbuild +Builds the site/);
  assert.match(stdout, /\bbroken +A task of parproc: broken/);
});

test('a dry run says what would run, and runs nothing', async () => {
  using project = site();
  const { stdout } = await grunt(project, ['build::dev', '--dry-run']);
  assert.match(stdout, /build::dev/);
  assert.deepEqual(has(project, 'dev.txt'), []);
});

test('Ctrl-C ends the task and grunt, with 130', async () => {
  using project = site();
  await grunt(project, ['slow', '--json'], {
    code: 130,
    during: async (child, until) => {
      await until(({ event }) => event === 'task-started');
      child.kill('SIGINT');
    },
  });
});

const refused: Record<string, [gruntfile: string, message: RegExp]> = {
  'a name that grunt knows already': [
    gruntfile.replace(
      'registerTasks(grunt);',
      "grunt.registerTask('broken', () => {}); registerTasks(grunt);",
    ),
    /duplicate-task[\s\S]*grunt has a task 'broken' already/,
  ],
  'an option that does not exist': [
    gruntfile.replace('registerTasks(grunt)', 'registerTasks(grunt, { paralel: 2 })'),
    /invalid-option[\s\S]*paralel/,
  ],
  'a separator that grunt would not take apart': [
    gruntfile
      .replace("require('./tasks.mjs');", '')
      .replace('registerTasks(grunt)', "registerTasks(grunt, { separator: '/' })"),
    /invalid-option[\s\S]*grunt takes names apart at colons/,
  ],
};

for (const [what, [text, message]] of Object.entries(refused)) {
  test(`${what} is an error of the Gruntfile, and nothing runs`, async () => {
    using project = site({ 'Gruntfile.js': text });
    const { stdout } = await grunt(project, ['own'], { code: 3 });
    assert.match(stdout, message);
    assert.deepEqual(has(project, 'own.txt'), []);
  });
}

test('--live keeps a task up to date until Ctrl-C', async () => {
  using project = site();
  await grunt(project, ['build::dev', '--json', '--live'], {
    code: 130,
    during: async (child, until) => {
      await until(({ event }) => event === 'watch-settled');
      project.write('src.txt', 'edited');
      await until(({ event, task }) => event === 'task-started' && task === 'build::dev', 2);
      await until(({ event }) => event === 'watch-settled', 2);
      child.kill('SIGINT');
    },
  });
});
