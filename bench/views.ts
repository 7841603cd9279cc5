import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { medianOf, type Row } from './row.ts';

/** What the live view costs: the wall time of the example, and processor time while tasks run. */
export async function viewsRows(runs: number): Promise<Row[]> {
  const live: number[] = [];
  const json: number[] = [];
  const busy: number[] = [];
  for (let run = 0; run < runs; run++) {
    live.push(cleanBuild('', true));
    json.push(cleanBuild('--json > /dev/null', false));
    busy.push(processorMs());
  }
  const ratio = medianOf(live) / medianOf(json);
  const share = medianOf(busy) / watchedMs;
  return Promise.resolve([
    {
      metric: 'clean build of the example',
      ours: 'live view on a pty',
      against: '--json > /dev/null',
      oursMedian: Math.round(medianOf(live)),
      againstMedian: Math.round(medianOf(json)),
      unit: 'ms',
      ratio: Math.round(ratio * 100) / 100,
      target: '<= 1.05',
      ok: ratio <= 1.05,
    },
    {
      metric: '100 running tasks, 100 by 60 characters',
      ours: 'processor time',
      against: 'wall time',
      oursMedian: Math.round(medianOf(busy)),
      againstMedian: watchedMs,
      unit: 'ms',
      ratio: Math.round(share * 1000) / 1000,
      target: '<= 0.05',
      ok: share <= 0.05,
    },
  ]);
}

const watchedMs = 4000;
const gulp = 'node --import tsx node_modules/gulp/bin/gulp.js';

function cleanBuild(flags: string, isTerminal: boolean): number {
  rmSync('examples/dist', { recursive: true, force: true });
  rmSync('.parproc', { recursive: true, force: true });
  const command = `${gulp} -S -f parprocfile.example.ts default ${flags}`;
  // Silence gulp, not us: with -S nothing is shown.
  return timed(isTerminal ? command.replace(' -S', '') : command, isTerminal);
}

/** How much processor time it takes to show a hundred tasks that do nothing themselves. */
function processorMs(): number {
  const folder = mkdtempSync(join('dist', 'bench-'));
  const file = join(folder, 'gulpfile.mjs');
  writeFileSync(
    file,
    `import gulp from 'gulp';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ parallel: 100, cache: false }));
task('task::[n]').args({ n: Array.from({ length: 100 }, (_, n) => n) }).inProcess()
  .action(async (ctx, { n }) => {
    await sleep(1000);
    const before = process.cpuUsage();
    await sleep(${watchedMs});
    const { user, system } = process.cpuUsage(before);
    if (n === 0) writeFileSync('cpu', String((user + system) / 1000));
  });
`,
  );
  timed(`node node_modules/gulp/bin/gulp.js -f ${file} 'task::*'`, true);
  const spent = Number(readFileSync(join(folder, 'cpu'), 'utf8'));
  rmSync(folder, { recursive: true });
  return spent;
}

function timed(command: string, isTerminal: boolean): number {
  const { CI: _ci, ...env } = process.env;
  const begin = performance.now();
  const words = isTerminal
    ? ['script', '-qec', `stty cols 100 rows 60; ${command}`, '/dev/null']
    : ['sh', '-c', command];
  const [program = '', ...args] = words;
  const { status } = spawnSync(program, args, { stdio: 'ignore', env });
  if (status !== 0) throw new Error(`'${command}' ended with exit code ${status}.`);
  return performance.now() - begin;
}
