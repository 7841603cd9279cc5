import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { treeOf, writeBinaries } from '../test/rig/gulp-site.ts';
import { repository, TempProject } from '../test/rig/temp-project.ts';
import { medianOf, type Row } from './row.ts';

/** What each product of the site has of its own; all share the themes and the scripts. */
const sheets = {
  dark: 'bootstrap',
  full: 'bootstrap',
  grid: 'bootstrap-grid',
  utilities: 'bootstrap-utilities',
};
/** Processes have to warm up their compilers: the shorter a build, the less two cores gain. */
const productCount = 3;
const scriptCopies = 60;
const themeCount = 144;

/** Command lines, as several persons would run them at the same time. */
const commands = {
  plain: [['-f', '0-plain.mjs']],
  sync: [['-f', 'sync.mjs']],
  halves: ['styles', 'rest'].map((name) => ['-f', 'halves.mjs', name]),
  clean: [['-f', '4-protos.mjs']],
  'no-op': [['-f', '4-protos.mjs']],
} as const;
type Measure = keyof typeof commands;
const measures = Object.keys(commands) as readonly Measure[];

/**
 * A build of sheets, scripts and icons for production: the gulpfile that was adopted in four steps
 * against the plain one, from nothing and with nothing to do. From nothing also against the plain one with
 * `sass.sync`, which the last two steps use and which is quicker anywhere, and against two plain gulps side by
 * side, one for the sheets and one for the rest, which is what the cores give without us.
 *
 * @throws Error If not all of them write the same bytes.
 */
export async function gulpfileRows(runs: number): Promise<Row[]> {
  using project = siteProject();
  const times: Record<Measure, number[]> = {
    plain: [],
    sync: [],
    halves: [],
    clean: [],
    'no-op': [],
  };
  let expected: unknown;
  for (let run = 0; run < runs; run++) {
    for (const measure of measures) {
      times[measure].push(await timeOf(project, measure));
      const made = treeOf(join(project.folder, 'dist'));
      expected ??= made;
      assert.deepEqual(
        made,
        expected,
        `What '${measure}' has written is not what plain gulp wrote.`,
      );
    }
  }
  const plain = { against: '0-plain.mjs', theirs: times.plain };
  const sync = { against: 'plain gulp with sass.sync', theirs: times.sync };
  const halves = { against: 'two plain gulps', theirs: times.halves };
  return [
    rowOf('clean build', times.clean, plain, 1.6),
    rowOf('clean build', times.clean, sync),
    rowOf('clean build', times.clean, halves, 0.9),
    rowOf('nothing to do', times['no-op'], plain, 10),
  ];
}

function rowOf(
  metric: string,
  ours: readonly number[],
  { against, theirs }: { readonly against: string; readonly theirs: readonly number[] },
  least?: number,
): Row {
  const ratio = Math.round((medianOf(theirs) / medianOf(ours)) * 100) / 100;
  return {
    metric,
    ours: '4-protos.mjs',
    against,
    oursMedian: Math.round(medianOf(ours)),
    againstMedian: Math.round(medianOf(theirs)),
    unit: 'ms',
    ratio,
    target: least === undefined ? 'none' : `>= ${least}`,
    ok: least === undefined || ratio >= least,
  };
}

function siteProject(): TempProject {
  const project = new TempProject({
    'src/index.html': '<!--#include file="partials/head.html" -->\n<p>Hello</p>\n',
    'src/partials/head.html': '<title>A site, {{mode}}</title>\n',
    'halves.mjs': `import gulp from 'gulp';
      import { styles, lint, scripts, icons, assets, pages } from './0-plain.mjs';
      export { styles };
      export const rest = gulp.parallel(lint, scripts, icons, assets, pages);`,
  });
  const modules = join(repository, 'node_modules');
  writeBinaries(project.folder);
  cpSync(join(repository, 'examples/adopt'), project.folder, { recursive: true });
  const plain = readFileSync(join(project.folder, '0-plain.mjs'), 'utf8');
  project.write('sync.mjs', plain.replace('sass(sassOptions)', 'sass.sync(sassOptions)'));
  cpSync(join(modules, 'bootstrap/scss'), join(project.folder, 'src/scss/bootstrap'), {
    recursive: true,
  });
  for (let product = 1; product <= productCount; product++) {
    for (const [name, part] of Object.entries(sheets)) {
      const source = `$spacer: ${product}rem;\n@import 'bootstrap/${part}';\n`;
      project.write(`src/scss/${name}-${product}.scss`, source);
    }
  }
  for (let at = 0; at < themeCount; at++)
    project.write(`src/scss/theme-${at}.scss`, themeSource(at));
  const script = readFileSync(join(modules, 'bootstrap/dist/js/bootstrap.esm.js'), 'utf8');
  for (let at = 0; at < scriptCopies; at++) {
    project.write(`src/js/${at}.js`, script.replace(/^(?:import|export) .*$/gm, ''));
  }
  cpSync(join(modules, 'bootstrap-icons/icons'), join(project.folder, 'src/icons'), {
    recursive: true,
  });
  return project;
}

/** Utilities for 250 shades of one colour, as design systems generate them. */
function themeSource(at: number): string {
  return `@use 'sass:color';
    $brand: hsl(${(at * 360) / themeCount}, 60%, 45%);
    @for $i from 1 through 250 {
      $shade: color.scale($brand, $lightness: ($i - 125) * 0.7%);
      .bg-#{$i} { background: $shade; &:hover { background: color.scale($shade, $saturation: 20%); } }
      .text-#{$i}, .link-#{$i} > a { color: color.adjust($shade, $alpha: -0.1); margin: ($i * 0.25rem) auto; }
    }
  `;
}

/** Milliseconds of the command, or of two side by side, as a person runs it. */
async function timeOf(project: TempProject, measure: Measure): Promise<number> {
  if (measure !== 'no-op') {
    project.remove('dist');
    project.remove('.parproc');
  }
  const begin = performance.now();
  await Promise.all(commands[measure].map((args) => runGulp(project, args)));
  return performance.now() - begin;
}

async function runGulp(project: TempProject, args: readonly string[]): Promise<void> {
  const gulp = join(repository, 'node_modules/gulp/bin/gulp.js');
  const child = spawn(process.execPath, [gulp, ...args], {
    cwd: project.folder,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [printed, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) {
    throw new Error(`gulp ${args.join(' ')} ended with exit code ${String(code)}.\n${printed}`);
  }
}
