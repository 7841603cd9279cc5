import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeBinaries } from '../rig/gulp-site.ts';
import { endsOf, type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const prelude = `
  import { Transform } from 'node:stream';
  import gulp from 'gulp';
  import { parproc, task } from 'parproc';
  gulp.registry(parproc({ parallel: 1 }));
  const each = (change) => new Transform({ objectMode: true, transform(file, _encoding, done) {
    Promise.resolve().then(() => change(file)).then(() => done(null, file), done);
  }});
  const upper = () => each((file) => { file.contents = Buffer.from(String(file.contents).toUpperCase()); });
  const failing = () => each(() => { throw Object.assign(new Error('no good'), { plugin: 'gulp-odd', fileName: 'src/a.txt' }); });
`;

function site(gulpfile: string, files: Readonly<Record<string, string>> = {}): TempProject {
  return new TempProject({ 'gulpfile.mjs': prelude + gulpfile, ...files });
}

const run = (project: TempProject, task: string, code = 0): Promise<GulpResult> =>
  runGulp(project, [task, '--json', '-S'], { code });

const copy = `task('copy').inputs('src/**/*').action((ctx) => ctx.src().pipe(ctx.dest('dist')));`;

test('what is read and written is the same, byte for byte, in the same folders', async () => {
  using project = site(copy, { 'src/a/b/c.txt': 'text', 'src/[x] (y).txt': 'odd' });
  const binaries = writeBinaries(project.folder);
  await run(project, 'copy');
  for (const [path, bytes] of binaries) {
    const written = readFileSync(join(project.folder, path.replace('src/', 'dist/')));
    assert.ok(bytes.equals(written), path);
  }
  assert.equal(project.read('dist/a/b/c.txt'), 'text');
  assert.equal(project.read('dist/[x] (y).txt'), 'odd');
});

test('text of another encoding is read as such if asked for', async () => {
  using project = site(
    `task('text').inputs('src/*').action((ctx) => ctx.src({ encoding: 'latin1' }).pipe(ctx.dest('dist')));`,
  );
  mkdirSync(join(project.folder, 'src'));
  writeFileSync(join(project.folder, 'src/a.txt'), Buffer.from([0xe9]));
  await run(project, 'text');
  assert.equal(project.read('dist/a.txt'), 'é');
});

test('what dest has written are outputs: the task is up to date as long as they are as it made them', async () => {
  using project = site(copy, { 'src/a.txt': 'a', 'src/b.txt': 'b' });
  const ends = async () => endsOf(await run(project, 'copy'));
  assert.deepEqual(await ends(), ['copy succeeded']);
  assert.deepEqual(await ends(), ['copy up-to-date']);
  project.remove('dist/b.txt');
  assert.deepEqual(await ends(), ['copy succeeded']);
  assert.equal(project.read('dist/b.txt'), 'b');
  project.write('dist/b.txt', 'somebody else');
  assert.deepEqual(await ends(), ['copy succeeded']);
  assert.equal(project.read('dist/b.txt'), 'b');
  project.remove('src/b.txt');
  assert.deepEqual(await ends(), ['copy succeeded']);
  assert.equal(project.read('dist/b.txt'), 'b', 'left where it is, and nobody checks it any more');
  project.remove('dist/b.txt');
  assert.deepEqual(await ends(), ['copy up-to-date']);
});

test('with prune, what is not written any more goes, and nothing else', async () => {
  using project = site(
    `task('copy').inputs('src/**/*').action((ctx) => ctx.src().pipe(ctx.dest('dist', { prune: true })));`,
    { 'src/a.txt': 'a', 'src/old/b.txt': 'b', 'dist/own.txt': 'mine' },
  );
  await run(project, 'copy');
  project.remove('src/old/b.txt');
  await run(project, 'copy');
  const there = ['a.txt', 'old/b.txt', 'own.txt'].map((path) =>
    existsSync(join(project.folder, 'dist', path)),
  );
  assert.deepEqual(there, [true, false, true]);
  assert.deepEqual(endsOf(await run(project, 'copy')), ['copy up-to-date']);
});

test('prune leaves what the task made in another way, what somebody has changed, and what another task makes', async () => {
  using project = site(
    `import { existsSync, writeFileSync } from 'node:fs';
     const prune = (ctx) => ctx.src().pipe(ctx.dest('dist', { prune: true }));
     task('one').inputs('one/*').deps('two').outputs('dist/list.txt').action((ctx) => {
       if (existsSync('one/bad')) throw new Error('no good');
       return prune(ctx).on('finish', () => existsSync('dist/list.txt') || writeFileSync('dist/list.txt', 'own'));
     });
     task('two').inputs('two/*').action(prune);
     task('root').inputs('one/*').action((ctx) => ctx.src().pipe(ctx.dest('.', { prune: true })));`,
    { 'one/a.txt': 'a', 'one/b.txt': 'b', 'one/c.txt': 'c', 'one/d.txt': 'd', 'two/e.txt': 'e' },
  );
  const there = (...names: readonly string[]) =>
    names.filter((name) => existsSync(join(project.folder, name)));
  const move = (name: string) => {
    project.remove(`one/${name}`);
    project.write(`two/${name}`, name.slice(0, 1));
  };
  const all = ['a', 'b', 'c', 'd', 'e', 'list'].map((name) => `dist/${name}.txt`);
  await run(project, 'one');
  project.write('dist/b.txt', 'changed by hand');
  project.remove('one/b.txt');
  move('c.txt');
  await run(project, 'one');
  assert.deepEqual(there(...all), all);
  move('d.txt');
  project.write('one/bad', '');
  await run(project, 'one', 1);
  project.remove('one/bad');
  await run(project, 'one');
  assert.deepEqual(there(...all), all, 'made by the other one in an earlier run');
  project.remove('two/d.txt');
  await run(project, 'one');
  assert.deepEqual(there('dist/d.txt'), []);

  project.write('one/c.txt', 'c');
  await run(project, 'root');
  project.remove('one/c.txt');
  await run(project, 'root');
  const left = ['a.txt', 'dist/a.txt', 'one/a.txt'];
  assert.deepEqual(there('c.txt', ...left), left);
});

test('with prune, what runs wrote that failed goes as well', async () => {
  using project = site(
    `import { existsSync } from 'node:fs';
     task('copy').inputs('src/*.txt').retries(1).action(async (ctx) => {
       const name = existsSync('bad') ? 'bad-' + ctx.attempt : 'good';
       const renamed = each((file) => { file.basename = name + '-' + file.basename; });
       await new Promise((resolve, reject) =>
         ctx.src().pipe(renamed).pipe(ctx.dest('dist', { prune: true })).on('finish', resolve).on('error', reject).resume());
       if (existsSync('bad')) throw new Error('no good');
     });`,
    { 'src/a.txt': 'a', bad: '', 'dist/own.txt': 'mine' },
  );
  const dist = () => readdirSync(join(project.folder, 'dist')).sort();
  await run(project, 'copy', 1);
  await run(project, 'copy', 1);
  assert.deepEqual(dist(), ['bad-1-a.txt', 'bad-2-a.txt', 'own.txt']);
  project.remove('bad');
  await run(project, 'copy');
  assert.deepEqual(dist(), ['good-a.txt', 'own.txt']);
  assert.deepEqual(endsOf(await run(project, 'copy')), ['copy up-to-date']);
});

test('a task that writes over its inputs comes to rest', async () => {
  using project = site(
    `task('format').inputs('src/*.txt').action((ctx) => ctx.src().pipe(upper()).pipe(ctx.dest('src')));`,
    { 'src/a.txt': 'a', 'src/b.txt': 'B' },
  );
  const ends = async () => endsOf(await run(project, 'format'));
  await ends();
  assert.equal(project.read('src/a.txt'), 'A');
  await ends();
  assert.deepEqual(await ends(), ['format up-to-date']);
  project.write('src/a.txt', 'b');
  await ends();
  assert.equal(project.read('src/a.txt'), 'B');
});

test('many inputs come in order, each once', async () => {
  const names = Array.from({ length: 150 }, (_, at) => `src/${String(at).padStart(3, '0')}.txt`);
  using project = site(
    `import { writeFileSync } from 'node:fs';
     task('list').inputs('src/**').action(async (ctx) => {
       const names = [];
       for await (const file of ctx.src()) names.push('src/' + file.relative);
       writeFileSync('list.json', JSON.stringify(names));
     });`,
    Object.fromEntries(names.map((name) => [name, name])),
  );
  await run(project, 'list');
  assert.deepEqual(JSON.parse(project.read('list.json')), names);
});

test('source maps that dest writes are outputs too', async () => {
  using project = site(
    `task('maps').inputs('src/*.js').action((ctx) =>
       ctx.src({ sourcemaps: true }).pipe(ctx.dest('dist', { sourcemaps: '.' })));`,
    { 'src/a.js': 'let a;' },
  );
  await run(project, 'maps');
  assert.deepEqual(JSON.parse(project.read('dist/a.js.map')).sources, ['a.js']);
  project.remove('dist/a.js.map');
  assert.deepEqual(endsOf(await run(project, 'maps')), ['maps succeeded']);
  assert.ok(existsSync(join(project.folder, 'dist/a.js.map')));
});

test('dependants run again only if what was written is something else', async () => {
  using project = site(
    `task('upper').inputs('src/*.txt').action((ctx) => ctx.src().pipe(upper()).pipe(ctx.dest('dist')));
     task('after').deps('upper').action(() => {});`,
    { 'src/a.txt': 'a' },
  );
  const ends = async () => endsOf(await run(project, 'after'));
  assert.deepEqual(await ends(), ['upper succeeded', 'after succeeded']);
  project.write('src/a.txt', 'A');
  assert.deepEqual(await ends(), ['upper succeeded', 'after up-to-date']);
  project.write('src/a.txt', 'b');
  assert.deepEqual(await ends(), ['upper succeeded', 'after succeeded']);
});

test('inputs from several places keep what stands before the magic of their globs as the base', async () => {
  using project = site(
    `task('all').inputs('src/**/*.txt', 'other/deep/*.txt', 'one.txt', 'folder').action((ctx) =>
       ctx.src().pipe(ctx.dest('dist')));
     task('flat').inputs('src/**/*.txt').action((ctx) => ctx.src({ base: 'src/a' }).pipe(ctx.dest('flat')));`,
    { 'src/a/1.txt': '1', 'other/deep/2.txt': '2', 'one.txt': '3', 'folder/x/4.txt': '4' },
  );
  await run(project, 'all');
  const read = ['a/1.txt', '2.txt', 'one.txt', 'x/4.txt'].map((path) =>
    project.read(`dist/${path}`),
  );
  assert.deepEqual(read, ['1', '2', '3', '4']);
  await run(project, 'flat');
  assert.equal(project.read('flat/1.txt'), '1');
});

const failures: Record<string, [action: string, message: RegExp]> = {
  source: [`ctx.src({ read: true }).pipe(ctx.dest('dist'))`, /File not found.*none\.txt/],
  'first plugin': [`ctx.src().pipe(failing()).pipe(ctx.dest('dist'))`, /no good/],
  'middle plugin': [
    `ctx.src().pipe(upper()).pipe(failing()).pipe(upper()).pipe(ctx.dest('dist'))`,
    /no good/,
  ],
  dest: [`ctx.src().pipe(upper()).pipe(ctx.dest('blocked/dist'))`, /ENOTDIR|EEXIST/],
};

for (const [place, [action, message]] of Object.entries(failures)) {
  test(`an error in the ${place} fails the task with all there is to say`, async () => {
    using project = site(
      `const inputs = ${JSON.stringify(place === 'source' ? ['none.txt'] : ['src/*.txt'])};
       task('bad').inputs(...inputs).action((ctx) => ${action});`,
      { 'src/a.txt': 'a', blocked: 'a file' },
    );
    const { events } = await run(project, 'bad', 1);
    const failure = events.find(({ event }) => event === 'task-ended')?.failure;
    assert.equal(failure?.reason, 'threw');
    assert.match(JSON.stringify(failure), message);
    if (place.includes('plugin')) assert.match(JSON.stringify(failure), /gulp-odd.*src\/a\.txt/);
  });
}

/** Makes a folder such that nobody can write into it, root included. */
function closed(project: TempProject, name: string): Disposable {
  const folder = join(project.folder, name);
  mkdirSync(folder);
  if (process.getuid?.() === 0) execFileSync('chattr', ['+i', folder]);
  else chmodSync(folder, 0o555);
  const open = (): void => {
    if (process.getuid?.() === 0) execFileSync('chattr', ['-i', folder]);
    else chmodSync(folder, 0o755);
  };
  return { [Symbol.dispose]: open };
}

const intoClosed: Record<string, string> = {
  'ctx.dest': `.action((ctx) => ctx.src().pipe(upper()).pipe(ctx.dest('closed')))`,
  'ctx.dest with source maps': `.action((ctx) => ctx.src({ sourcemaps: true }).pipe(ctx.dest('closed', { sourcemaps: '.' })))`,
  'gulp.dest in a wrapped task': `.wrap(() => gulp.src('src/*.txt').pipe(upper()).pipe(gulp.dest('closed')))`,
  'gulp.dest behind pooled': `.wrap(() => gulp.src('src/*.txt').pipe(pooled((file) => file.contents)).pipe(gulp.dest('closed')))`,
  'gulp.dest in the middle': `.wrap(() => gulp.src('src/*.txt').pipe(gulp.dest('closed')).pipe(upper()).pipe(gulp.dest('dist')))`,
  'gulp.dest in the process of gulp': `.inProcess().wrap(() => gulp.src('src/*.txt').pipe(upper()).pipe(gulp.dest('closed')))`,
};

for (const [what, action] of Object.entries(intoClosed)) {
  test(`a folder that cannot be written into fails the task with its name and the file: ${what}`, async () => {
    using project = site(
      `import { pooled } from 'parproc/plugins';
       task('bad').inputs('src/*.txt')${action};`,
      { 'src/a.txt': 'a', 'src/b.txt': 'b' },
    );
    using _closed = closed(project, 'closed');
    const { stdout } = await runGulp(project, ['bad'], { code: 1 });
    assert.match(stdout, /✖ bad/);
    assert.match(stdout, /(?:EPERM|EACCES)[^\n]*closed\/[ab]\.txt/);
    assert.doesNotMatch(stdout, /Did you forget to signal|never said/);
  });
}

test('src without declared inputs is an error that says so', async () => {
  using project = site(`task('bad').action((ctx) => ctx.src().pipe(ctx.dest('dist')));`);
  const { events } = await run(project, 'bad', 1);
  assert.match(
    JSON.stringify(events),
    /ctx\.src\(\) of 'bad' has nothing to read: it declares no inputs/,
  );
});

test('inputs that match nothing are an empty stream', async () => {
  using project = site(copy);
  assert.deepEqual(endsOf(await run(project, 'copy')), ['copy succeeded']);
});

test('the same holds in the process of gulp', async () => {
  using project = site(copy.replace('.action', '.inProcess().action'), { 'src/a.txt': 'a' });
  writeFileSync(join(project.folder, 'src/b.bin'), Buffer.from([0xff, 0xfe, 0]));
  assert.deepEqual(endsOf(await run(project, 'copy')), ['copy succeeded']);
  assert.deepEqual(endsOf(await run(project, 'copy')), ['copy up-to-date']);
  assert.deepEqual([...readFileSync(join(project.folder, 'dist/b.bin'))], [0xff, 0xfe, 0]);
});
