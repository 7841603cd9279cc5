import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, TempProject } from '../test/rig/temp-project.ts';
import { medianOf, type Row } from './row.ts';

const sheets = ['full', 'dark', 'wide', 'print'];
const scriptCopies = 10;

type Measure = 'plain' | 'clean' | 'no-op';

/**
 * A build of sheets, scripts and icons: the gulpfile that was adopted in four steps against the plain
 * one, from nothing and with nothing to do.
 */
export function gulpfileRows(runs: number): Promise<Row[]> {
  using project = siteProject();
  const times: Record<Measure, number[]> = { plain: [], clean: [], 'no-op': [] };
  for (let run = 0; run < runs; run++) {
    for (const measure of ['plain', 'clean', 'no-op'] as const) {
      times[measure].push(timeOf(project, measure));
    }
  }
  return Promise.resolve([
    rowOf('clean build', times.clean, times.plain, 1.6),
    rowOf('nothing to do', times['no-op'], times.plain, 10),
  ]);
}

function rowOf(
  metric: string,
  ours: readonly number[],
  theirs: readonly number[],
  least: number,
): Row {
  const ratio = Math.round((medianOf(theirs) / medianOf(ours)) * 100) / 100;
  return {
    metric,
    ours: '4-protos.mjs',
    against: '0-plain.mjs',
    oursMedian: Math.round(medianOf(ours)),
    againstMedian: Math.round(medianOf(theirs)),
    unit: 'ms',
    ratio,
    target: `>= ${least}`,
    ok: ratio >= least,
  };
}

function siteProject(): TempProject {
  const project = new TempProject({ 'src/index.html': '<p>Hello</p>\n', 'src/img/x.png': 'png' });
  const modules = join(repository, 'node_modules');
  cpSync(join(repository, 'examples/adopt'), project.folder, { recursive: true });
  cpSync(join(modules, 'bootstrap/scss'), join(project.folder, 'src/scss/bootstrap'), {
    recursive: true,
  });
  for (const [at, name] of sheets.entries()) {
    project.write(
      `src/scss/${name}.scss`,
      `$spacer: ${at + 1}rem;\n@import 'bootstrap/bootstrap';\n`,
    );
  }
  const script = readFileSync(join(modules, 'bootstrap/dist/js/bootstrap.esm.js'), 'utf8');
  for (let at = 0; at < scriptCopies; at++) {
    project.write(`src/js/${at}.js`, script.replace(/^(?:import|export) .*$/gm, ''));
  }
  cpSync(join(modules, 'bootstrap-icons/icons'), join(project.folder, 'src/icons'), {
    recursive: true,
  });
  return project;
}

/** Milliseconds of the command as a person runs it. */
function timeOf(project: TempProject, measure: Measure): number {
  if (measure !== 'no-op') {
    project.remove('dist');
    project.remove('.parproc');
  }
  const file = measure === 'plain' ? '0-plain.mjs' : '4-protos.mjs';
  const gulp = join(repository, 'node_modules/gulp/bin/gulp.js');
  const begin = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [gulp, '-f', file], {
    cwd: project.folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`gulp -f ${file} ended with exit code ${status}.\n${stdout}`);
  return performance.now() - begin;
}
