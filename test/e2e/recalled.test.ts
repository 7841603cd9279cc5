import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type GulpResult, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

const count = 15;

/** Files are taken for old, as they are in most builds, because the process has another clock. */
const clock = `
const { now } = Date;
Date.now = () => now() + Number(process.env.AHEAD_MS);
`;
const tasks = `
const read = (path) => readFileSync(path, 'utf8');
const below = (i) => [2 * i + 1, 2 * i + 2].filter((dep) => dep < Number(read('count.txt')));
task('copy::[i]').args({ i: Number }).deps(({ i }) => below(i).map((dep) => 'copy::' + dep))
  .inputs('src/[i].txt').outputs('out/[i].txt').inProcess()
  .action((ctx, { i }) => {
    const deps = below(i).map((dep) => read('out/' + dep + '.txt'));
    writeFileSync('out/' + i + '.txt', [read('src/' + i + '.txt'), ...deps].join());
  });
task('all').deps('copy::0');
task('join').deps('all').inputs('out/*.txt').outputs('joined/all.txt').inProcess()
  .action(({ inputs }) => writeFileSync('joined/all.txt', inputs.map(read).join()));
`;
const gulpfile = `
import { readFileSync, writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
${clock}
gulp.registry(parproc({ globalInputs: [] }));
${tasks}
gulp.task('both', gulp.series('copy::1', 'copy::0'));
`;
const script = `
import { readFileSync, writeFileSync } from 'node:fs';
import { configure, run, states, task } from 'parproc';
${clock}
configure({ globalInputs: [], mode: 'single' });
${tasks}
const { tasks: ended } = await run('join');
const all = [...ended].map(([name, { state }]) => name + ' ' + state);
console.log(JSON.stringify({ all, states: [...states()].map(([name, state]) => name + ' ' + state) }));
`;

class Tree {
  readonly project: TempProject = new TempProject({
    'gulpfile.mjs': gulpfile,
    'script.mjs': script,
  });
  #aheadMs = 0;

  constructor() {
    this.write('count.txt', String(count));
    for (let i = 0; i < count + 2; i++) this.write(`src/${i}.txt`, `text ${i}`);
    for (const folder of ['out', 'joined']) this.write(`${folder}/.keep`, '');
  }

  write(path: string, text: string): void {
    this.project.write(path, text);
  }

  /** Runs gulp ten seconds later than the last time. */
  gulp(...args: string[]): Promise<GulpResult> {
    return runGulp(this.project, args, { env: this.later() });
  }

  /** How many tasks ran, and how many were up to date, of all summaries. */
  async counts(...args: string[]): Promise<string[]> {
    const { stdout } = await this.gulp(...args);
    return [...stdout.matchAll(/(\d+ ran, \d+ up to date, 0 failed) in/g)].map(
      ([, told = '']) => told,
    );
  }

  later(): { AHEAD_MS: string } {
    this.#aheadMs += 10_000;
    return { AHEAD_MS: String(this.#aheadMs) };
  }

  /** When each note was written, by its name. */
  notes(): Record<string, number> {
    const folder = join(this.project.folder, '.parproc/cache.sqlite-requests');
    return Object.fromEntries(
      readdirSync(folder).map((name) => [name, lstatSync(join(folder, name)).mtimeMs]),
    );
  }

  /** Whether the outputs are what a clean build would make of the sources. */
  assertRight(size = count): void {
    const made = (i: number): string =>
      [2 * i + 1, 2 * i + 2].reduce(
        (text, dep) => (dep < size ? `${text},${made(dep)}` : text),
        this.project.read(`src/${i}.txt`),
      );
    for (let i = 0; i < size; i++) assert.equal(this.project.read(`out/${i}.txt`), made(i));
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]();
  }
}

/** A tree that has been built, and what was asked for noted. */
async function builtTree(): Promise<Tree> {
  const tree = new Tree();
  assert.deepEqual(await tree.counts('copy::0'), ['15 ran, 0 up to date, 0 failed']);
  assert.deepEqual(await tree.counts('copy::0'), ['0 ran, 15 up to date, 0 failed']);
  return tree;
}

test('what was asked for before is noted once, and is still judged by all that counts', async () => {
  using tree = await builtTree();
  const [note = '', look = ''] = Object.keys(tree.notes()).sort();
  assert.equal(look, `${note}-look`);
  const noted = (): number | undefined => tree.notes()[note];
  const before = noted();
  assert.deepEqual(await tree.counts('copy::0'), ['0 ran, 15 up to date, 0 failed']);
  assert.equal(noted(), before, 'it was recalled, and not worked out again');

  tree.write('src/9.txt', 'text of 9');
  assert.deepEqual(await tree.counts('copy::0'), ['4 ran, 11 up to date, 0 failed']);
  tree.assertRight();
  assert.deepEqual(await tree.counts('copy::0'), ['0 ran, 15 up to date, 0 failed']);

  tree.project.remove('out/13.txt');
  assert.deepEqual(await tree.counts('copy::0'), ['1 ran, 14 up to date, 0 failed']);
  tree.write('out/5.txt', 'tampered');
  assert.deepEqual(await tree.counts('copy::0'), ['1 ran, 14 up to date, 0 failed']);
  tree.assertRight();
  assert.equal(noted(), before, 'it was recalled all the time');
});

test('deps that a function gives anew are found, and what they need is made', async () => {
  using tree = await builtTree();
  tree.write('count.txt', String(count + 2));
  const [counts = ''] = await tree.counts('copy::0');
  assert.match(counts, /^6 ran, 11 up to date/);
  tree.assertRight(count + 2);
  tree.write('count.txt', '7');
  assert.match((await tree.counts('copy::0'))[0] ?? '', /ran, \d+ up to date/);
  tree.assertRight(7);
});

test('a definition that was changed is not taken for what it was', async () => {
  using tree = await builtTree();
  const changed = gulpfile.replace("'text '", "'words '").replace('join();\n', 'join();');
  tree.write('gulpfile.mjs', changed.replace('].join()', "].join('+')"));
  assert.deepEqual(await tree.counts('copy::0'), ['15 ran, 0 up to date, 0 failed']);
  assert.match(tree.project.read('out/3.txt'), /\+/);
});

test('requests of one command share a run, also with what was recalled', async () => {
  using tree = await builtTree();
  for (let time = 0; time < 3; time++) {
    assert.deepEqual(await tree.counts('both'), ['0 ran, 15 up to date, 0 failed']);
  }
  assert.deepEqual(await tree.counts('copy::1', 'copy::0'), ['0 ran, 15 up to date, 0 failed']);
  tree.write('src/0.txt', 'text of 0');
  tree.write('src/8.txt', 'text of 8');
  assert.deepEqual(await tree.counts('both'), ['4 ran, 11 up to date, 0 failed']);
  tree.assertRight();
});

test('groups, globs and what needs them are up to date by way of what was recalled', async () => {
  using tree = await builtTree();
  assert.deepEqual(await tree.counts('join'), ['1 ran, 15 up to date, 0 failed']);
  for (let time = 0; time < 3; time++) {
    assert.deepEqual(await tree.counts('join'), ['0 ran, 16 up to date, 0 failed']);
  }
  tree.write('src/14.txt', 'text of 14');
  assert.deepEqual(await tree.counts('join'), ['5 ran, 11 up to date, 0 failed']);
  tree.assertRight();
  tree.write('out/another.txt', 'by hand');
  assert.deepEqual(await tree.counts('join'), ['1 ran, 15 up to date, 0 failed']);
  assert.match(tree.project.read('joined/all.txt'), /by hand/);
});

/** Which files of the bundle a run has loaded, and what it has said. */
async function loadedBy(
  tree: Tree,
  task: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ files: string; hasSession: boolean; lines: string[] }> {
  const options = { env: { ...tree.later(), NODE_DEBUG: 'parproc', ...env } };
  const { stdout, stderr } = await runGulp(tree.project, [task], options);
  const files = [...stderr.matchAll(/(\w+)\.cjs compiled before/g)].map(([, name]) => name);
  const lines = stdout.split('\n').map((line) => line.replace(/\d+(?:\.\d+)? m?s$/, 'a moment'));
  return {
    files: files.join(' '),
    hasSession: stderr.includes('late: lib/run/open-session.ts'),
    lines: lines.map((line) => line.replace(/^\[[\d:]+\] /, '')),
  };
}

for (const task of ['copy::0', 'all']) {
  test(`a run with nothing to do loads what it needs for that only, and says the same: ${task}`, async () => {
    using tree = new Tree();
    await tree.gulp(task);
    const worked = await loadedBy(tree, task);
    assert.equal(worked.files, 'core rest');
    for (let time = 0; time < 2; time++) {
      const { files, lines } = await loadedBy(tree, task);
      assert.equal(files, 'core');
      assert.deepEqual(lines, worked.lines);
      assert.ok(lines.includes('0 ran, 15 up to date, 0 failed in a moment'));
      assert.match(lines.at(-3) ?? '', /^Finished/);
    }
    const silent = await runGulp(tree.project, [task, '--silent'], { env: tree.later() });
    assert.equal(silent.stdout + silent.stderr, '');
  });
}

const changes: readonly [string, (tree: Tree) => void, RegExp][] = [
  ['an input', (tree) => tree.write('src/9.txt', 'text of 9'), /^4 ran, 11 up to date/],
  ['an output', (tree) => tree.write('out/9.txt', 'tampered'), /^1 ran, 14 up to date/],
  ['an output that is gone', (tree) => tree.project.remove('out/13.txt'), /^1 ran, 14 up to date/],
  [
    'what a function gives',
    (tree) => tree.write('count.txt', String(count - 1)),
    /^\d+ ran, \d+ up to date, 0 failed/,
  ],
  [
    'an action',
    (tree) => tree.write('gulpfile.mjs', gulpfile.replace('].join()', "].join('')")),
    /^15 ran, 0 up to date/,
  ],
];

for (const [what, change, expected] of changes) {
  test(`a run that looked as if it had nothing to do does what there is: ${what}`, async () => {
    using tree = await builtTree();
    assert.equal((await loadedBy(tree, 'copy::0')).files, 'core');
    change(tree);
    const [counts = ''] = await tree.counts('copy::0');
    assert.match(counts, expected);
    if (what.startsWith('an input') || what.startsWith('an output')) tree.assertRight();
    assert.match((await tree.counts('copy::0'))[0] ?? '', /^0 ran, /);
  });
}

test('while another build seems to be under way, a run with nothing to do waits for its turn', async () => {
  using tree = await builtTree();
  assert.equal((await loadedBy(tree, 'copy::0')).files, 'core');
  tree.write('.parproc/cache.sqlite.lock-holder', '{}');
  const { files, lines } = await loadedBy(tree, 'copy::0');
  assert.equal(files, 'core rest');
  assert.ok(lines.includes('0 ran, 15 up to date, 0 failed in a moment'));
  assert.equal((await loadedBy(tree, 'copy::0')).files, 'core', 'the mark was that of a dead one');
});

test('on GitHub a run with nothing to do has its summary there', async () => {
  using tree = await builtTree();
  tree.write('summary.md', '');
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: join(tree.project.folder, 'summary.md'),
  };
  assert.equal((await loadedBy(tree, 'copy::0', env)).files, 'core rest');
});

test('what functions give wrongly since is told before anything runs', async () => {
  using tree = await builtTree();
  tree.project.remove('count.txt');
  const { stderr, stdout } = await runGulp(tree.project, ['copy::0'], {
    env: tree.later(),
    code: 2,
  });
  assert.match(stderr + stdout, /A function in \.deps\(\) of 'copy::\[i\]' threw/);
  assert.doesNotMatch(stdout, /ran, /);
});

test('who asks after a run with nothing to do is told how tasks stand, and what comes after it is done', async () => {
  using tree = await builtTree();
  const asking = `
import { results, states } from 'parproc';
const told = () => [...states()].filter(([, state]) => state === 'up-to-date').length;
gulp.once('stop', () => {
  console.log('then ' + told() + ' ' + Object.keys(results()).length);
  if (process.env.MORE) gulp.series('copy::20')(() => console.log('last ' + told()));
});
task('copy::20').inputs('src/16.txt').outputs('out/20.txt').inProcess()
  .action(() => writeFileSync('out/20.txt', read('src/16.txt')));
`;
  tree.write('gulpfile.mjs', gulpfile + asking);
  for (let time = 0; time < 2; time++) await tree.gulp('copy::0');
  const alone = await loadedBy(tree, 'copy::0');
  assert.ok(!alone.hasSession && alone.lines.includes('then 15 15'), alone.lines.join('\n'));
  const { hasSession, lines } = await loadedBy(tree, 'copy::0', { MORE: '1' });
  assert.ok(hasSession);
  const told = lines.filter((line) => /ran|last/.test(line));
  assert.deepEqual(told, [
    '0 ran, 15 up to date, 0 failed in a moment',
    'last 15',
    '1 ran, 0 up to date, 0 failed in a moment',
  ]);
  assert.equal(tree.project.read('out/20.txt'), 'text 16');
});

test('whoever asks is told of each task, though it was recalled before', async () => {
  using tree = await builtTree();
  assert.deepEqual(await tree.counts('copy::0'), ['0 ran, 15 up to date, 0 failed']);
  const { stdout } = await tree.gulp('copy::0', '--explain');
  assert.equal([...stdout.matchAll(/= copy::\d+ {2}up to date/g)].length, count);
  const { events } = await tree.gulp('copy::0', '--json');
  assert.equal(events.filter(({ event }) => event === 'task-wanted').length, count);
  assert.equal(events.filter(({ event }) => event === 'task-ended').length, count);
});

test('a script is told of each task as well', async () => {
  using tree = new Tree();
  const ended = async (): Promise<{ all: string[]; states: string[] }> => {
    const env = { ...tree.later(), PARPROC_SILENT: '1' };
    const { stdout } = await runGulp(tree.project, [], { env, bin: '../script.mjs' });
    return JSON.parse(stdout) as { all: string[]; states: string[] };
  };
  const first = await ended();
  for (let time = 0; time < 3; time++) {
    const { all, states } = await ended();
    const upToDate = (told: string): string => told.replace('succeeded', 'up-to-date');
    assert.deepEqual(all.sort(), first.all.map(upToDate).sort());
    assert.deepEqual(states.sort(), first.states.map(upToDate).sort());
    assert.equal(all.length, count + 2);
  }
});

test('a note that others may have written is not believed, and one that is damaged is done without', async () => {
  using tree = await builtTree();
  const [name = ''] = Object.keys(tree.notes()).sort();
  const file = join(tree.project.folder, '.parproc/cache.sqlite-requests', name);
  const written = (): number => lstatSync(file).mtimeMs;
  const before = written();
  chmodSync(file, 0o666);
  assert.deepEqual(await tree.counts('copy::0'), ['0 ran, 15 up to date, 0 failed']);
  assert.notEqual(written(), before);
  assert.equal(lstatSync(file).mode & 0o777, 0o600);
  writeFileSync(file, readFileSync(file).subarray(0, 200));
  assert.deepEqual(await tree.counts('copy::0'), ['0 ran, 15 up to date, 0 failed']);
  assert.ok(lstatSync(file).size > 200);
});

test('of requests the last eight are noted', async () => {
  using tree = await builtTree();
  for (let i = 1; i < 10; i++) await tree.gulp(`copy::${i}`);
  assert.equal(Object.keys(tree.notes()).length, 2 * 8, 'a note and a look of each');
});

/** A project in which what functions in `.deps()` give stands in a file. */
function listed(more: string): TempProject {
  return new TempProject({
    'list.txt': 'a',
    'src/a.txt': 'a',
    'src/b.txt': 'b',
    'src/t.txt': 't',
    'out/.keep': '',
    'gulpfile.mjs': `
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import gulp from 'gulp';
import { create, parproc, task } from 'parproc';
${clock}
gulp.registry(parproc({ globalInputs: [] }));
const read = (path) => readFileSync(path, 'utf8');
task('leaf::[n]').inputs('src/[n].txt').outputs('out/[n].txt').inProcess()
  .action((ctx, { n }) => writeFileSync('out/' + n + '.txt', read('src/' + n + '.txt')));
task('mid').deps(() => read('list.txt').split(' ').map((n) => 'leaf::' + n)).inputs('src/a.txt').inProcess().action(() => {});
${more}`,
  });
}

let aheadMs = 0;

/** What the summary of a gulp run says that is ten seconds later than the last. */
async function summaryOf(
  project: TempProject,
  name: string,
  env: Readonly<Record<string, string>> = {},
  code = 0,
): Promise<string> {
  aheadMs += 10_000;
  const options = { env: { ...env, AHEAD_MS: String(aheadMs) }, code };
  const { stdout } = await runGulp(project, [name], options);
  return /(\d+ ran, \d+ up to date, \d+ failed)/.exec(stdout)?.[1] ?? stdout;
}

test('a note tells what functions gave when the graph was made, not what they would give since', async () => {
  using project = listed(`
task('other').inputs(() => { if (process.env.EDIT) writeFileSync('list.txt', 'a b'); return 'src/a.txt'; })
  .inProcess().action(() => {});
task('all').deps('mid', 'other');`);
  assert.equal(await summaryOf(project, 'all'), '3 ran, 0 up to date, 0 failed');
  assert.equal(await summaryOf(project, 'all', { EDIT: '1' }), '0 ran, 3 up to date, 0 failed');
  assert.equal(await summaryOf(project, 'all'), '2 ran, 2 up to date, 0 failed');
  assert.equal(project.read('out/b.txt'), 'b');
});

test('functions in .deps() are not called for tasks that are up to date, once the run has begun', async () => {
  using project = listed(`
task('top').deps('mid').inputs('src/t.txt').inProcess().action(async (ctx) => {
  if (!process.env.RM) return;
  rmSync('list.txt');
  if (process.env.RM === 'ask') await ctx.run('leaf::a');
  if (process.env.RM === 'fail') throw new Error('the real failure');
});`);
  await summaryOf(project, 'top');
  await summaryOf(project, 'top');
  project.write('src/t.txt', 'ask');
  assert.equal(await summaryOf(project, 'top', { RM: 'ask' }), '1 ran, 2 up to date, 0 failed');
  project.write('list.txt', 'a');
  await summaryOf(project, 'top');
  assert.equal(await summaryOf(project, 'top'), '0 ran, 3 up to date, 0 failed');
  project.write('src/t.txt', 'fail');
  assert.equal(await summaryOf(project, 'top', { RM: 'fail' }, 1), '0 ran, 2 up to date, 1 failed');
});

test('a task that was made by hand under the name of another one is not taken for that', async () => {
  using project = listed(`
task('say::[i]').inputs('src/a.txt').inProcess().action((ctx, { i }) => writeFileSync('out/said.txt', i));
for (let i = 0; i < 120; i++) task('fill' + i).inputs('src/b.txt').inProcess().action(() => {});
task('fill').deps(...Array.from({ length: 120 }, (_, i) => 'fill' + i));
if (process.env.AS) create('say::1', { as: 'say::2' });`);
  for (let time = 0; time < 3; time++) await summaryOf(project, 'say::2');
  assert.equal(project.read('out/said.txt'), '2');
  for (let time = 0; time < 2; time++) await summaryOf(project, 'say::2', { AS: '1' });
  assert.equal(project.read('out/said.txt'), '1');
  // So many new records that all are written anew in one piece.
  project.write('src/b.txt', 'changed');
  for (let time = 0; time < 2; time++) await summaryOf(project, 'fill', { AS: '1' });
  assert.equal(await summaryOf(project, 'say::2'), '1 ran, 0 up to date, 0 failed');
  assert.equal(project.read('out/said.txt'), '2');
});

test('global inputs are looked at by each request, whatever the last one has seen', async () => {
  using project = new TempProject({
    'g.txt': 'one',
    'src/a.txt': 'a',
    'script.mjs': `
import { writeFileSync } from 'node:fs';
import { configure, run, task } from 'parproc';
${clock}
configure({ globalInputs: ['g.txt'], mode: 'single' });
task('a').inputs('src/a.txt').action(() => undefined);
const states = (result) => [...result.tasks.values()].map(({ state }) => state).join();
const both = await Promise.all([run('a'), run('a')]);
writeFileSync('g.txt', String(Math.random()));
console.log([...both.map(states), states(await run('a')), states(await run('a'))].join(' '));
`,
  });
  const told = async (): Promise<string> => {
    aheadMs += 10_000;
    const env = { AHEAD_MS: String(aheadMs), PARPROC_SILENT: '1' };
    return (await runGulp(project, [], { env, bin: '../script.mjs' })).stdout.trim();
  };
  assert.match(await told(), /^succeeded/);
  for (let time = 0; time < 2; time++) {
    assert.equal(await told(), 'up-to-date up-to-date succeeded up-to-date');
  }
});

test('files of others in the folder of the notes stay', async () => {
  using tree = await builtTree();
  const folder = '.parproc/cache.sqlite-requests';
  const others = Array.from({ length: 12 }, (_, at) => `${folder}/mine-${at}.http`);
  for (const path of others) tree.write(path, '');
  tree.write('src/0.txt', 'text of 0');
  for (let i = 1; i < 4; i++) await tree.counts(`copy::${i}`);
  for (const path of others) assert.equal(tree.project.read(path), '');
});
