import { cpus } from 'node:os';
import { exampleRows } from './example.ts';
import { gulpfileRows } from './gulpfile.ts';
import { noopRows } from './noop.ts';
import { poolRows } from './pool.ts';
import { pooledRows } from './pooled.ts';
import type { Row } from './row.ts';
import { scheduleRows } from './schedule.ts';
import { viewsRows } from './views.ts';
import { watchRows } from './watch.ts';

const benches: Readonly<Record<string, (runs: number) => Promise<Row[]>>> = {
  example: exampleRows,
  gulpfile: gulpfileRows,
  noop: noopRows,
  schedule: scheduleRows,
  views: viewsRows,
  pool: poolRows,
  pooled: pooledRows,
  watch: watchRows,
};

const words = process.argv.slice(2);
const [name = 'example'] = words.filter((word) => !word.startsWith('--'));
const bench = benches[name];
if (bench === undefined) {
  console.error(`There is no benchmark '${name}'. There are: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const runs = words.includes('--quick') ? 2 : 5;
const rows = await bench(runs);
const result = { bench: name, node: process.version, cpus: cpus().length, runs, rows };
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${process.platform}, Node ${process.version}`;
if (words.includes('--json')) console.log(JSON.stringify(result));
else {
  console.log(`${name}: medians of ${runs} runs each, taken in turn, on ${machine}`);
  console.table(rows);
}
