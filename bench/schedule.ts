import { spawnSync } from 'node:child_process';
import { medianOf, type Row } from './row.ts';

const counts = [1000, 10_000, 100_000] as const;
const shapes = ['chain', 'independent', 'waves', 'lock', 'plain'] as const;
/** What Undertaker has as well: a chain is its `series`, independent tasks its `parallel`. */
const peers: Readonly<Record<string, string>> = {
  chain: 'gulp.series',
  independent: 'gulp.parallel',
};
const budgetMicros = 15;
const limitMs = 120_000;

/** Microseconds per task of every run, by what was run. */
type Times = ReadonlyMap<string, readonly number[]>;

/** What scheduling a task costs that does nothing, from its definition to the end of the run. */
export async function scheduleRows(runs: number): Promise<Row[]> {
  const jobs = shapes.flatMap((shape) =>
    counts.flatMap((count) => [
      ['parproc', shape, String(count)],
      ...(shape in peers ? [['undertaker', shape, String(count)]] : []),
    ]),
  );
  const times = new Map(jobs.map((job) => [job.join(' '), [] as number[]]));
  for (let run = 0; run < runs; run++) {
    for (const job of jobs) times.get(job.join(' '))?.push(microsOf(job));
  }
  return Promise.resolve(shapes.flatMap((shape) => rowsOf(shape, times)));
}

function rowsOf(shape: string, times: Times): Row[] {
  const at = (count: number, who = 'parproc'): number =>
    medianOf(times.get(`${who} ${shape} ${count}`) ?? []);
  const [few, some, many] = counts;
  const rows = [
    rowOf(`${shape}: growth`, [named(many), at(many)], [named(few), at(few)], 1.3),
    rowOf(`${shape}: cost`, [named(some), at(some)], ['budget', budgetMicros], 1),
  ];
  const peer = peers[shape];
  if (peer === undefined) return rows;
  return rows.concat(
    counts.map((count) => {
      const theirs = at(count, 'undertaker');
      const name = Number.isNaN(theirs) ? `${peer} cannot` : peer;
      return rowOf(`${shape}: ${named(count)}`, ['parproc', at(count)], [name, theirs], 1);
    }),
  );
}

function rowOf(
  metric: string,
  [ours, oursMedian]: [string, number],
  [against, againstMedian]: [string, number],
  limit: number,
): Row {
  const ratio = oursMedian / againstMedian;
  return {
    metric,
    ours,
    against,
    oursMedian: rounded(oursMedian),
    againstMedian: rounded(againstMedian),
    unit: 'µs per task',
    ratio: rounded(ratio),
    target: `<= ${limit}`,
    ok: ratio <= limit,
  };
}

function named(count: number): string {
  return `${count.toLocaleString('en')} tasks`;
}

function rounded(figure: number): number {
  return Math.round(figure * 100) / 100;
}

/** NaN if it cannot be run: its stack overflows, or it takes for ever. */
function microsOf(job: readonly string[]): number {
  const { status, stdout } = spawnSync(process.execPath, ['dist/bench/schedule-once.js', ...job], {
    encoding: 'utf8',
    env: { ...process.env, PARPROC_SILENT: '1' },
    timeout: limitMs,
  });
  if (status === 0) return Number(stdout);
  if (job[0] === 'parproc') throw new Error(`The benchmark '${job.join(' ')}' has failed.`);
  return Number.NaN;
}
