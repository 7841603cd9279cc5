import { spawnSync } from 'node:child_process';
import { installPeers, peersFolder } from './peers.ts';
import { medianOf, type Row } from './row.ts';

type Metric = 'burst' | 'cpu' | 'submitters' | 'latency' | 'echo' | 'lost' | 'late';

/** One figure of ours against one of another contender, or against a bound. */
interface Comparison {
  readonly title: string;
  readonly metric: Metric;
  readonly against: string | number;
  readonly unit: string;
  readonly target: `${'>=' | '<='} ${number}`;
}

const comparisons: readonly Comparison[] = [
  { title: 'burst of 20k', metric: 'burst', against: 'tinypool', unit: 'jobs/s', target: '>= 10' },
  {
    title: 'burst of 20k',
    metric: 'burst',
    against: 'jest-worker',
    unit: 'jobs/s',
    target: '>= 8',
  },
  { title: 'burst of 20k', metric: 'burst', against: 'piscina', unit: 'jobs/s', target: '>= 4' },
  {
    title: 'burst of 20k',
    metric: 'burst',
    against: 'raw-pipe',
    unit: 'jobs/s',
    target: '>= 0.65',
  },
  {
    title: '16 submitters',
    metric: 'submitters',
    against: 'piscina',
    unit: 'jobs/s',
    target: '>= 1.4',
  },
  { title: 'p50 round trip', metric: 'latency', against: 'fork', unit: 'µs', target: '<= 0.9' },
  { title: '1 MB echo', metric: 'echo', against: 'fork-advanced', unit: 'MB/s', target: '>= 1.3' },
  { title: "parent's CPU per job", metric: 'cpu', against: 3, unit: 'µs', target: '<= 1' },
  { title: 'SIGKILL known after', metric: 'lost', against: 5, unit: 'ms', target: '<= 1' },
  { title: 'hard limit late by', metric: 'late', against: 20, unit: 'ms', target: '<= 1' },
];

/** Our pool against others of two workers each, and against what pipes can do at best. */
export function poolRows(runs: number): Promise<Row[]> {
  installPeers();
  const figures = new Map<string, number[]>();
  const pairs = comparisons.flatMap(({ metric, against }) => [
    `parproc ${metric}`,
    ...(typeof against === 'string' ? [`${against} ${metric}`] : []),
  ]);
  const unique = [...new Set(pairs)];
  for (let run = 0; run < runs; run++) {
    for (const pair of unique) {
      const figure = figureOf(pair);
      figures.set(pair, [...(figures.get(pair) ?? []), figure]);
    }
  }
  return Promise.resolve(comparisons.map((comparison) => rowOf(comparison, figures)));
}

function rowOf(comparison: Comparison, figures: ReadonlyMap<string, number[]>): Row {
  const { title, metric, against, unit, target } = comparison;
  const ours = medianOf(figures.get(`parproc ${metric}`) ?? []);
  const theirs =
    typeof against === 'number' ? against : medianOf(figures.get(`${against} ${metric}`) ?? []);
  const ratio = ours / theirs;
  const bound = Number(target.slice(3));
  return {
    metric: title,
    ours: 'parproc/pool',
    against: typeof against === 'number' ? 'a bound' : against,
    oursMedian: rounded(ours),
    againstMedian: rounded(theirs),
    unit,
    ratio: rounded(ratio),
    target,
    ok: target.startsWith('>=') ? ratio >= bound : ratio <= bound,
  };
}

/** One measurement, in a process of its own. */
function figureOf(pair: string): number {
  // It costs every start of Node 50 ms where it is set.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['bench/contenders/run.mjs', ...pair.split(' '), peersFolder],
    { env, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`'${pair}' ended with exit code ${status}.\n${stderr}`);
  return Number(stdout);
}

function rounded(figure: number): number {
  return figure >= 100 ? Math.round(figure) : Math.round(figure * 100) / 100;
}
