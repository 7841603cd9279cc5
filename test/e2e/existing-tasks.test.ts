import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsOf, type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const prelude = `
  import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
  import gulp from 'gulp';
  import { parproc, task } from 'parproc';
  const say = (text) => appendFileSync('said.txt', text + ' ');
`;

function site(gulpfile: string, files: Readonly<Record<string, string>> = {}): TempProject {
  return new TempProject({ 'gulpfile.mjs': prelude + gulpfile, 'said.txt': '', ...files });
}

/** What tasks have said in a run. */
async function saidBy(project: TempProject, ...args: readonly string[]): Promise<string> {
  project.write('said.txt', '');
  await runGulp(project, args);
  return project.read('said.txt').trim();
}

const withInputs = {
  'gulp.task()': `
    const css = (done) => { say('css'); writeFileSync('out.css', readFileSync('src/a.css')); done(); };
    css.inputs = 'src/*.css';
    css.outputs = ['out.css'];
    gulp.registry(parproc());
    gulp.task('css', css);`,
  'before the registry': `
    const css = (done) => { say('css'); writeFileSync('out.css', readFileSync('src/a.css')); done(); };
    css.inputs = 'src/*.css';
    css.outputs = ['out.css'];
    gulp.task('css', css);
    gulp.registry(parproc());`,
  'an export': `
    gulp.registry(parproc());
    export const css = (done) => { say('css'); writeFileSync('out.css', readFileSync('src/a.css')); done(); };
    css.inputs = 'src/*.css';
    css.outputs = ['out.css'];`,
  'something composed by gulp': `
    gulp.registry(parproc());
    const make = (done) => { writeFileSync('out.css', readFileSync('src/a.css')); done(); };
    export const css = gulp.series((done) => { say('css'); done(); }, make);
    css.inputs = 'src/*.css';
    css.outputs = ['out.css'];`,
};

for (const [what, definition] of Object.entries(withInputs)) {
  test(`a task of gulp that says what it reads runs only if that has changed, and so does what needs it: ${what}`, async () => {
    using project = site(
      `${definition}
       task('after').deps('css').inProcess().action(() => say('after'));`,
      { 'src/a.css': 'a' },
    );
    assert.equal(await saidBy(project, 'after'), 'css after');
    assert.equal(await saidBy(project, 'after'), '');
    assert.equal(await saidBy(project, 'css'), '');
    project.write('src/a.css', 'b');
    assert.equal(await saidBy(project, 'css', 'after'), 'css after');
    project.remove('out.css');
    assert.equal(await saidBy(project, 'after'), 'css');
    project.write('gulpfile.mjs', `${project.read('gulpfile.mjs')}\n// edited`);
    assert.match(await saidBy(project, 'after'), /^css/);
  });
}

test('without inputs a task of gulp always runs, and so does what needs it', async () => {
  using project = site(
    `gulp.registry(parproc());
     gulp.task('css', (done) => { say('css'); done(); });
     task('after').deps('css').inProcess().action(() => say('after'));`,
  );
  assert.equal(await saidBy(project, 'after'), 'css after');
  assert.equal(await saidBy(project, 'after'), 'css after');
});

test('a task of gulp with inputs is listed once, with its description', async () => {
  using project = site(
    `const css = (done) => done();
     css.inputs = 'src/*.css';
     css.description = 'Makes the sheets';
     gulp.registry(parproc());
     gulp.task('css', css);
     export { css };`,
  );
  const { stdout } = await runGulp(project, ['--tasks']);
  assert.equal(stdout.match(/css +Makes the sheets/g)?.length, 1);
});

test('a name with placeholders cannot be a task of gulp with inputs', async () => {
  using project = site(
    `gulp.registry(parproc());
     gulp.task('css::[env]', Object.assign((done) => done(), { inputs: 'a' }));`,
  );
  const { stderr, stdout } = await runGulp(project, ['css::dev'], { code: 2 });
  assert.match(stdout + stderr, /invalid-name[\s\S]*has inputs, and a name with placeholders/);
});

test('gulp.lastRun knows when tasks have ended, by name and by function, ours by name', async () => {
  using project = site(
    `gulp.registry(parproc());
     const native = (done) => done();
     gulp.task('native', native);
     task('ours').action(() => 1);
     task('bad').action((ctx) => ctx.fail('no good'));
     const before = Date.now();
     const look = (done) => {
       const times = [gulp.lastRun('native'), gulp.lastRun(native), gulp.lastRun('ours'), gulp.lastRun('bad')];
       say(JSON.stringify(times.map((time) => time >= before && time <= Date.now())));
       done();
     };
     export const first = look;
     export const later = gulp.series('native', 'ours', look);
     export const failed = gulp.series((done) => gulp.series('bad')(() => done()), look);`,
  );
  assert.equal(await saidBy(project, 'first'), '[false,false,false,false]');
  assert.equal(await saidBy(project, 'later'), '[true,true,true,false]');
  assert.equal(await saidBy(project, 'failed'), '[false,false,false,false]');
});

const registry = (name: string): string => `
  new (class {
    #tasks = new Map();
    get(name) { return this.#tasks.get(name); }
    set(name, fn) { this.#tasks.set(name, fn); }
    tasks() { return Object.fromEntries(this.#tasks); }
    init(taker) { taker.task('${name}', (done) => { say('${name}'); done(); }); }
  })()`;

test('registries may come one after the other, ours first, last or between', async () => {
  using project = site(
    `gulp.task('plain', (done) => { say('plain'); done(); });
     gulp.registry(${registry('before')});
     gulp.registry(parproc());
     task('ours').inProcess().action(() => say('ours'));
     task('build::[env]').args({ env: ['dev'] }).inProcess().action(() => say('build'));
     gulp.task('mine', gulp.series('build::dev'));
     if (process.env.AGAIN) gulp.registry(parproc({ parallel: 1 }));
     if (process.env.AFTER) gulp.registry(${registry('after')});
     export const all = gulp.series('plain', 'before', 'ours', 'mine', ...(process.env.AFTER ? ['after'] : ['build::dev']));`,
  );
  const said = async (env: Readonly<Record<string, string>>) => {
    project.write('said.txt', '');
    await runGulp(project, ['all'], { env });
    return project.read('said.txt').trim();
  };
  assert.equal(await said({}), 'plain before ours build');
  assert.equal(await said({ AGAIN: '1' }), 'plain before ours build');
  assert.equal(await said({ AFTER: '1' }), 'plain before ours build after');
});

test('what gulp.series names may be defined further down', async () => {
  using project = site(
    `gulp.registry(parproc());
     gulp.task('all', gulp.series('late', 'build::dev', 'native', 'exported'));
     task('late').inProcess().action(() => say('late'));
     task('build::[env]').args({ env: ['dev'] }).inProcess().action(() => say('build'));
     gulp.task('native', gulp.series('inner'));
     gulp.task('inner', (done) => { say('inner'); done(); });
     export const exported = (done) => { say('exported'); done(); };
     if (gulp.task('nobody') !== undefined) say('found what there is not');`,
  );
  assert.equal(await saidBy(project, 'all'), 'late build inner exported');
});

test('what gulp.series names may be defined further down in a CommonJS gulpfile', async () => {
  using project = new TempProject({
    'package.json': '{}',
    'gulpfile.js': `const gulp = require('gulp');
      const { parproc, task } = require('parproc');
      const { appendFileSync } = require('node:fs');
      const say = (word) => appendFileSync('said.txt', word + ' ');
      gulp.registry(parproc());
      gulp.task('all', gulp.series('late', 'native', 'exported'));
      task('late').inProcess().action(() => say('late'));
      gulp.task('native', (done) => { say('native'); done(); });
      exports.exported = (done) => { say('exported'); done(); };`,
  });
  assert.equal(await saidBy(project, 'all'), 'late native exported');
});

test('what is never defined is told in the words of gulp before anything runs', async () => {
  using project = site(
    `gulp.registry(parproc());
     gulp.task('all', gulp.series('first', 'scripst'));
     gulp.task('first', (done) => { say('first'); done(); });
     gulp.task('scripts', (done) => done());`,
  );
  const told = async (name: string): Promise<GulpResult> => {
    project.write('said.txt', '');
    const result = await runGulp(project, [name], { code: 1 });
    assert.match(
      result.stdout + result.stderr,
      /Task never defined: scripst - did you mean\? scripts/,
    );
    assert.equal(project.read('said.txt'), '');
    return result;
  };
  await told('all');
  await told('first');
  using alone = site(`gulp.registry(parproc()); export const a = (done) => done();`);
  const { stdout, stderr } = await runGulp(alone, ['b'], { code: 1 });
  assert.match(stdout + stderr, /Task never defined: b/);
});

test('gulp.watch runs a task of ours, as a function, when its files change', async () => {
  using project = site(
    `gulp.registry(parproc());
     const ours = task('ours').inputs('src/*.txt').inProcess().action(() => say('ours'));
     const tell = (event) => console.log(JSON.stringify({ v: 1, event }));
     export const dev = () => {
       gulp.watch('src/*.txt', { delay: 0 }, ours.gulp()).on('ready', () => tell('ready'));
     };`,
    { 'src/a.txt': '1', 'src/b.txt': '1' },
  );
  const run = await runGulp(project, ['dev', '--json'], {
    code: 130,
    during: async (child, until) => {
      await until(({ event }) => event === 'ready');
      project.write('src/a.txt', '2');
      await until(({ event }) => event === 'run-ended');
      // Another one: chokidar tells nothing of a file that changed less than 50 ms ago.
      project.write('src/b.txt', '2');
      await until(({ event }) => event === 'run-ended', 2);
      child.kill('SIGINT');
    },
  });
  assert.deepEqual(endsOf(run), ['ours succeeded', 'ours succeeded']);
});

test('an error that gulp 5 would lose fails a task of gulp, and what needs it', async () => {
  using project = new TempProject({
    'src/a.js': 'let = ;',
    'gulpfile.mjs': `
import { Transform } from 'node:stream';
import gulp from 'gulp';
import concat from 'gulp-concat';
import terser from 'gulp-terser';
import { parproc, task } from 'parproc';
gulp.registry(parproc());
const failing = () =>
  new Transform({ objectMode: true, transform(file, encoding, done) { done(new Error('no good')); } });
const built = (plugin) => () =>
  gulp.src('src/*.js').pipe(plugin()).pipe(concat('all.js')).pipe(gulp.dest('dist'));
// Goes on after its error.
export const minify = built(terser);
// Does not.
export const stop = built(failing);
const last = () => gulp.src('src/*.js').pipe(gulp.dest('dist')).pipe(failing());
for (const [name, run] of Object.entries({ minify: built(terser), stop: built(failing), last })) {
  task('in::' + name).inProcess().wrap(run);
}
task('after::minify').deps('minify').action(() => console.log('went on'));
task('after::stop').deps('stop').action(() => console.log('went on'));
`,
  });
  const names = ['minify', 'stop', 'after::minify', 'after::stop'];
  for (const name of [...names, 'in::minify', 'in::stop', 'in::last']) {
    const { stdout, stderr } = await runGulp(project, [name], { code: 1 });
    const printed = stdout + stderr;
    assert.match(printed, name.includes('minify') ? /Name expected/ : /no good/, name);
    // What became of a task of gulp's own is told by gulp, in its own words.
    if (!name.endsWith('stop') || name.startsWith('in::'))
      assert.match(printed, /(?:src|dist)\/a\.js/, name);
    assert.doesNotMatch(printed, /did not complete|went on/, name);
  }
});
