import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { medianOf, type Row } from './row.ts';

/** A clean build of the example on all cores, against the same with one task at a time. */
export async function exampleRows(runs: number): Promise<Row[]> {
  const all: number[] = [];
  const one: number[] = [];
  for (let run = 0; run < runs; run++) {
    all.push(cleanBuild([]));
    one.push(cleanBuild(['--parallel=1']));
  }
  const ratio = medianOf(all) / medianOf(one);
  return Promise.resolve([
    {
      metric: 'clean build',
      ours: 'all cores',
      against: '--parallel=1',
      oursMedian: Math.round(medianOf(all)),
      againstMedian: Math.round(medianOf(one)),
      unit: 'ms',
      ratio: Math.round(ratio * 100) / 100,
      target: '<= 0.75',
      ok: ratio <= 0.75,
    },
  ]);
}

function cleanBuild(flags: readonly string[]): number {
  rmSync('examples/dist', { recursive: true, force: true });
  rmSync('.parproc', { recursive: true, force: true });
  const gulp = ['--import', 'tsx', 'node_modules/gulp/bin/gulp.js', '-S'];
  const begin = performance.now();
  const { status } = spawnSync(
    process.execPath,
    [...gulp, '-f', 'parprocfile.example.ts', 'default', ...flags],
    { stdio: 'ignore' },
  );
  if (status !== 0) throw new Error(`The example build ended with exit code ${status}.`);
  return performance.now() - begin;
}
