import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LiveGulp, live } from '../rig/live-gulp.ts';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

/** Pages are made of parts; an index lists the pages, and a report needs all of it. */
const gulpfile = `
import gulp from 'gulp';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 2, watchDebounce: 30, interrupt: process.env.TEST_INTERRUPT === '1' }));
const put = (path, text) => { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); };
const filesIn = (folder) => {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile()).map((each) => each.parentPath + '/' + each.name).sort();
  } catch { return []; }
};
// A file may be gone in between: then it runs again.
const read = (path) => { try { return readFileSync(path, 'utf8'); } catch { return '-'; } };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
task('page::[n]').args({ n: ['0', '1', '2', '3', '4', '5'] })
  .inputs('src/[n]/**/*.txt', 'src/shared.txt').outputs('out/[n].html')
  .action(async (ctx, { n }) => {
    const text = ['src/shared.txt', ...filesIn('src/' + n)].map((path) => path + ':' + read(path)).join('\\n');
    await pause(Number(n) * 5);
    if (text.includes('fail')) throw new Error('told to fail');
    put('out/' + n + '.html', text);
  });
task('index').deps('page::*').inputs('out/*.html').outputs('dist/index.html')
  .action(async () => { const text = filesIn('out').map(read).join('\\n---\\n'); await pause(10); put('dist/index.html', text); });
task('count').inputs('src/**').outputs('dist/count.txt').action(() => put('dist/count.txt', filesIn('src').map((path) => path + read(path).length).join(' ')));
task('report').deps('index', 'count').outputs('dist/report.txt')
  .action(() => put('dist/report.txt', read('dist/index.html').length + ' ' + read('dist/count.txt')));
`;

/** In a gulpfile: what `heapOf` asks. */
const tellHeap = `
import { isWorker } from 'parproc';
if (!isWorker) process.on('SIGUSR2', () => { gc(); gc(); console.log(JSON.stringify({ v: 1, event: 'memory', heap: process.memoryUsage().heapUsed })); });
`;

/** The numbers of one seed, the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One random edit: a save, an atomic save, a new file, a removed one, a removed or renamed folder. */
function edit(project: TempProject, below: (n: number) => number, round: number): void {
  const page = `src/${below(6)}`;
  const file = `${page}/${['a', 'b', 'deep/c', 'deep/er/d'][below(4)]}.txt`;
  switch (below(10)) {
    case 0:
      project.remove(file);
      return;
    case 1:
      project.remove(page);
      return;
    case 2:
      project.write('src/shared.txt', `shared ${round}`);
      return;
    case 3:
      project.write(file, below(3) === 0 ? 'fail' : `text ${round}`);
      return;
    case 4: {
      project.write(`${file}.tmp`, `atomic ${round}`);
      renameSync(join(project.folder, `${file}.tmp`), join(project.folder, file));
      return;
    }
    case 5: {
      const [from, to] = [
        join(project.folder, page),
        join(project.folder, `src/${below(6)}/moved${round}`),
      ];
      try {
        renameSync(from, to);
      } catch {
        // There may be nothing to move, or it would go into itself.
      }
      return;
    }
    default:
      project.write(file, `text ${round}`);
  }
}

const pauses = [0, 0, 5, 20, 60, 150, 400];
const outputs = ['out', 'dist'];

for (const interrupt of ['0', '1']) {
  test(`after random edits all is as after a clean build [interrupt ${interrupt}]`, {
    timeout: 180_000,
  }, async () => {
    using project = new TempProject({
      'src/0/a.txt': 'a',
      'src/shared.txt': 's',
      'gulpfile.mjs': gulpfile + tellHeap,
    });
    const below = numbers(Number(process.env['SOAK_SEED'] ?? 7) + Number(interrupt));
    const count = Number(process.env['SOAK_EDITS'] ?? 60);
    await live(
      project,
      ['report'],
      async (gulp) => {
        await gulp.settled();
        const before = usageOf(gulp);
        const editFrom = async (from: number, to: number): Promise<number> => {
          for (let round = from; round < to; round++) {
            edit(project, below, round);
            await new Promise((resolve) => setTimeout(resolve, pauses[below(pauses.length)]));
          }
          return heapOf(gulp);
        };
        // What is compiled and remembered once is there after some of them.
        const early = await editFrom(0, count / 3);
        const late = await editFrom(count / 3, count);
        assert.ok(late < early * 1.1, `${early} bytes, then ${late}`);
        for (let n = 0; n < 6; n++)
          for (const file of failing(project)) project.write(file, `mended ${n}`);
        project.write('src/last.txt', 'the last one');
        // It may have been found by a run that was under way.
        do await gulp.settled();
        while (!project.read('dist/count.txt').includes('src/last.txt'));
        await assertUsage(gulp, {
          descriptors: before.descriptors + 3,
          children: before.children,
        });
      },
      { env: { TEST_INTERRUPT: interrupt }, nodeFlags: ['--expose-gc'], patienceMs: 170_000 },
    );
    const kept = outputs.map((folder) => contentOf(project, folder));
    for (const folder of outputs) project.remove(folder);
    await runGulp(project, ['report', '--cache=off']);
    assert.deepEqual(
      kept,
      outputs.map((folder) => contentOf(project, folder)),
    );
  });
}

function failing(project: TempProject): string[] {
  return Object.entries(contentOf(project, 'src')).flatMap(([path, text]) =>
    text === 'fail' ? [path] : [],
  );
}

function contentOf(project: TempProject, folder: string): Record<string, string> {
  const entries = readdirSync(join(project.folder, folder), {
    recursive: true,
    withFileTypes: true,
  });
  const paths = entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  return Object.fromEntries(
    paths
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((path) => [path.slice(project.folder.length + 1), readFileSync(path, 'utf8')]),
  );
}

interface Usage {
  readonly descriptors: number;
  readonly children: number;
}

/** For how many looks what a stopped worker has held may take to go, of which nothing tells. */
const patience = 200;

/** Asserts that a process comes to hold no more than `most`: what has leaked stays. */
async function assertUsage(gulp: LiveGulp, most: Usage): Promise<void> {
  const isTooMuch = ({ descriptors, children }: Usage): boolean =>
    descriptors > most.descriptors || children > most.children;
  let now = usageOf(gulp);
  for (let look = 0; look < patience && isTooMuch(now); look++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    now = usageOf(gulp);
  }
  assert.ok(!isTooMuch(now), `${JSON.stringify(now)}, and at most ${JSON.stringify(most)}`);
}

/** How much memory a watching gulp of these tests uses when all is thrown away that can be. */
async function heapOf(gulp: LiveGulp): Promise<number> {
  gulp.child.kill('SIGUSR2');
  const { heap } = await gulp.next(({ event }) => event === 'memory');
  return heap as number;
}

/** What a process holds, as Linux tells it. */
function usageOf({ child }: LiveGulp): Usage {
  const folder = `/proc/${child.pid}`;
  const children = readFileSync(`${folder}/task/${child.pid}/children`, 'utf8').trim();
  return {
    descriptors: readdirSync(`${folder}/fd`).length,
    children: children === '' ? 0 : children.split(' ').length,
  };
}

const rounds = Number(process.env['SOAK_REBUILDS'] ?? 200);
const roundsMs = 60_000 + rounds * 600;

test('many rebuilds need no more memory than few', { timeout: roundsMs + 10_000 }, async () => {
  using project = new TempProject({
    'in.txt': '',
    'gulpfile.mjs': `
import gulp from 'gulp';
import { readFileSync, writeFileSync } from 'node:fs';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 1, watchDebounce: 0 }));
task('part::[n]').args({ n: Array.from({ length: 20 }, (_, n) => String(n)) }).inputs('in.txt').outputs('out/[n].txt')
  .inProcess().action((ctx, { n }) => writeFileSync('out/' + n + '.txt', readFileSync('in.txt', 'utf8')));
task('all').deps('part::*').inputs('out/*.txt').outputs('all.txt').inProcess().action(() => writeFileSync('all.txt', readFileSync('in.txt')));
${tellHeap}`,
    'out/x.txt': '',
  });
  await live(
    project,
    ['all'],
    async (gulp) => {
      await gulp.settled();
      let round = 0;
      const rebuild = async (count: number): Promise<number> => {
        for (const end = round + count; round < end; round++) {
          project.write('in.txt', String(round));
          await gulp.rebuilt();
        }
        return heapOf(gulp);
      };
      const before = await rebuild(40);
      const after = await rebuild(rounds);
      assert.ok(after < before * 1.1, `${before} bytes, then ${after}`);
    },
    { nodeFlags: ['--expose-gc'], patienceMs: roundsMs },
  );
});

test('nothing is done while nothing changes: no timer runs, and no processor time passes', async () => {
  using project = new TempProject({
    'src/a.txt': 'a',
    'src/shared.txt': '',
    'gulpfile.mjs': gulpfile,
  });
  await live(project, ['report'], async (gulp) => {
    await gulp.settled();
    // What is left of the run is done in the first of them, which may be many on a busy machine.
    const seconds: Use[] = [];
    const isAtRest = ({ nanoseconds }: Use): boolean => nanoseconds < restNanoseconds;
    // A timer of a second would take a turn in each of them.
    const isOver = (last: readonly Use[]): boolean =>
      last.length === 3 && last.every(isAtRest) && last.some(({ turns }) => turns === 0);
    while (seconds.length < 25 && !isOver(seconds.slice(-3))) {
      const before = useOf(gulp);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const after = useOf(gulp);
      seconds.push({
        nanoseconds: after.nanoseconds - before.nanoseconds,
        turns: after.turns - before.turns,
      });
    }
    assert.ok(isOver(seconds.slice(-3)), JSON.stringify(seconds));
  });
});

/** Half a per cent of a second. */
const restNanoseconds = 5_000_000;

/** What a process has used of the processor: time, and how often one of its threads had a turn. */
interface Use {
  readonly nanoseconds: number;
  readonly turns: number;
}

function useOf({ child }: LiveGulp): Use {
  const folder = `/proc/${child.pid}/task`;
  let [nanoseconds, turns] = [0, 0];
  for (const thread of readdirSync(folder)) {
    const [time = 0, , count = 0] = scheduleOf(`${folder}/${thread}/schedstat`);
    nanoseconds += time;
    turns += count;
  }
  return { nanoseconds, turns };
}

function scheduleOf(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').split(' ').map(Number);
  } catch {
    // The thread has ended meanwhile.
    return [];
  }
}
