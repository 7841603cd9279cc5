import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CopyTree } from './copy-tree.ts';
import { installPeers } from './peers.ts';
import { medianOf, type Row } from './row.ts';

/** What is run, by name: the arguments of Node, or a program with its arguments. */
const commands = {
  'an empty gulp task': gulp('-f', 'empty.mjs'),
  'parproc, nothing to do': gulp('copy::0'),
  'parproc, one change': gulp('copy::0'),
  'parproc, one task': gulp('join'),
  'gulp and gulp-newer': gulp('-f', 'newer.mjs'),
  wireit: [process.execPath, 'node_modules/wireit/bin/wireit.js'],
  ninja: ['ninja'],
} satisfies Record<string, readonly string[]>;

type Tool = keyof typeof commands;

/** Files that are younger than this are read again: none is when it is measured. */
const agedMs = 2200;
const manyCount = 10_000;
const fewCount = 1000;

/**
 * Whole processes with nothing to do, and with one change, on the trees of tasks that `CopyTree`
 * describes. Each tool has had a first run, and all are run in turn.
 */
export async function noopRows(runs: number): Promise<Row[]> {
  installPeers();
  const few = new CopyTree(fewCount);
  const many = new CopyTree(manyCount);
  const isQuick = runs < 5;
  try {
    const inFew = await measured(few, runs, ['gulp and gulp-newer', 'wireit', 'ninja'], []);
    // A run of wireit in the large tree takes half a minute, and the first one minutes.
    const slow: Tool[] = isQuick ? ['gulp and gulp-newer'] : ['gulp and gulp-newer', 'wireit'];
    const inMany = await measured(many, runs, ['ninja'], slow);
    return [...rowsOfMany(inMany, isQuick), ...rowsOfFew(inFew, isQuick)];
  } finally {
    few.remove();
    many.remove();
  }
}

/** Milliseconds of every run, by tool. */
type Times = ReadonlyMap<Tool, readonly number[]>;

/** @param slow Run once only. */
async function measured(
  tree: CopyTree,
  runs: number,
  peers: readonly Tool[],
  slow: readonly Tool[],
): Promise<Times> {
  const present = [...peers, ...slow].filter((tool) => tool !== 'ninja' || hasNinja());
  tree.fill('newer');
  const warm: Tool[] = ['parproc, nothing to do', 'parproc, one task'];
  const settle = async (): Promise<void> => {
    // What has been written just now is read again, and is plainly up to date only after that.
    for (const tool of warm) millisOf(tree, tool);
    await aged();
    for (const tool of warm) millisOf(tree, tool);
  };
  for (const tool of present) millisOf(tree, tool);
  await settle();
  const times = new Map<Tool, number[]>();
  const measure = (tool: Tool): void => {
    times.set(tool, [...(times.get(tool) ?? []), millisOf(tree, tool)]);
  };
  const ours: Tool[] = ['an empty gulp task', 'parproc, nothing to do', 'parproc, one task'];
  for (let run = 0; run < runs; run++) {
    for (const tool of ours) measure(tool);
    for (const tool of present) if (run === 0 || !slow.includes(tool)) measure(tool);
    tree.edit();
    measure('parproc, one change');
    // What follows has to have nothing to do again.
    for (const tool of present) if (!slow.includes(tool)) millisOf(tree, tool);
    await settle();
  }
  return times;
}

function rowsOfMany(times: Times, isQuick: boolean): Row[] {
  const noop = 'parproc, nothing to do';
  const rows = [
    rowOf('10,000 tasks', times, noop, 'an empty gulp task', 1.8),
    rowOf('10,000 tasks (peer: 1 run)', times, noop, 'gulp and gulp-newer', 1 / 20),
    rowOf('10,000 tasks, 14 of them to do', times, 'parproc, one change', noop, 1.2),
    rowOf('1 task with 10,000 inputs', times, 'parproc, one task', 'an empty gulp task', 1.5),
  ];
  if (!isQuick) rows.push(rowOf('10,000 tasks (peer: 1 run)', times, noop, 'wireit', 1 / 40));
  if (times.has('ninja')) rows.push(rowOf('10,000 tasks', times, noop, 'ninja', undefined));
  return rows;
}

function rowsOfFew(times: Times, isQuick: boolean): Row[] {
  const noop = 'parproc, nothing to do';
  // Its target is for 10,000 tasks; with fewer the start of Node counts for more.
  const metric = isQuick ? '1,000 tasks (10,000 in the full run)' : '1,000 tasks';
  const rows = [
    rowOf('1,000 tasks', times, noop, 'an empty gulp task', 1.2),
    rowOf('1,000 tasks', times, noop, 'gulp and gulp-newer', undefined),
    rowOf(metric, times, noop, 'wireit', undefined),
  ];
  if (times.has('ninja')) rows.push(rowOf('1,000 tasks', times, noop, 'ninja', undefined));
  return rows;
}

/** @param limit What the ratio should be at most; undefined for a figure without a target. */
function rowOf(
  metric: string,
  times: Times,
  ours: Tool,
  against: Tool,
  limit: number | undefined,
): Row {
  const oursMedian = medianOf(times.get(ours) ?? []);
  const againstMedian = medianOf(times.get(against) ?? []);
  const ratio = oursMedian / againstMedian;
  return {
    metric,
    ours,
    against,
    oursMedian: Math.round(oursMedian),
    againstMedian: Math.round(againstMedian),
    unit: 'ms',
    ratio: Number(ratio.toPrecision(3)),
    target: limit === undefined ? 'none' : `<= ${limit}`,
    ok: limit === undefined || ratio <= limit,
  };
}

function millisOf({ folder }: CopyTree, tool: Tool): number {
  const [program = '', ...args] = commands[tool];
  const env = {
    ...process.env,
    npm_config_user_agent: 'npm/10.0.0',
    npm_lifecycle_event: 'copy0',
    npm_package_json: join(folder, 'package.json'),
    WIREIT_LOGGER: 'simple',
  };
  const begin = performance.now();
  const { status } = spawnSync(program, args, { cwd: folder, env, stdio: 'ignore' });
  const tookMs = performance.now() - begin;
  if (status !== 0) throw new Error(`${tool} ended with exit code ${status}.`);
  return tookMs;
}

function gulp(...args: string[]): string[] {
  return [process.execPath, 'node_modules/gulp/bin/gulp.js', ...args];
}

function hasNinja(): boolean {
  return spawnSync('ninja', ['--version']).status === 0;
}

function aged(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, agedMs));
}
