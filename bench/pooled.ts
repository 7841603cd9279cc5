import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { medianOf, type Row } from './row.ts';

const fileCount = 300;

interface Load {
  readonly name: 'terser' | 'sass' | 'icons';
  readonly metric: string;
  readonly target: `>= ${number}`;
  /** Writes the files into `folder`. */
  readonly make: (folder: string) => void;
}

const loads: readonly Load[] = [
  { name: 'terser', metric: '300 bundles, gulp-terser', target: '>= 1.6', make: makeScripts },
  { name: 'sass', metric: '300 sheets, gulp-sass', target: '>= 1.6', make: makeSheets },
  { name: 'icons', metric: '2,080 icons, gulp-svgmin', target: '>= 1', make: makeIcons },
];

/**
 * Files through a plugin in the pool, workers cold at first, against the same plugin in gulp alone;
 * and against two plain gulps side by side with half of the files each, which is what the machine's
 * cores give without any of our own.
 */
export async function pooledRows(runs: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parproc-bench-'));
  const times = new Map<string, number[]>();
  try {
    for (const { name, make } of loads) {
      mkdirSync(join(folder, name));
      make(join(folder, name));
      halve(folder, name);
    }
    for (let run = 0; run < runs; run++) {
      for (const { name } of loads) {
        for (const way of ['pooled', 'plain', 'halves']) {
          const key = `${way} ${name}`;
          times.set(key, [...(times.get(key) ?? []), await timeOf(way, name, folder)]);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return loads.flatMap((load) => [rowOf(load, times), rowOfHalves(load, times)]);
}

type Times = ReadonlyMap<string, number[]>;

function rowOf({ name, metric, target }: Load, times: Times): Row {
  return { metric, against: 'plain gulp', ...figures(name, 'plain', times, target) };
}

function rowOfHalves({ name, metric }: Load, times: Times): Row {
  return { metric, against: 'two plain gulps', ...figures(name, 'halves', times, 'none') };
}

function figures(
  name: string,
  other: string,
  times: Times,
  target: string,
): Omit<Row, 'metric' | 'against'> {
  const ours = medianOf(times.get(`pooled ${name}`) ?? []);
  const theirs = medianOf(times.get(`${other} ${name}`) ?? []);
  const ratio = Math.round((theirs / ours) * 100) / 100;
  return {
    ours: 'pooled',
    oursMedian: Math.round(ours),
    againstMedian: Math.round(theirs),
    unit: 'ms',
    ratio,
    target,
    ok: target === 'none' || ratio >= Number(target.slice(3)),
  };
}

async function timeOf(way: string, name: string, folder: string): Promise<number> {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  if (way !== 'halves') return timeOfOne(way, name, folder);
  const halves = [0, 1].map((half) => timeOfOne('plain', name, join(folder, String(half))));
  return Math.max(...(await Promise.all(halves)));
}

async function timeOfOne(way: string, name: string, folder: string): Promise<number> {
  const args = ['bench/contenders/files.mjs', way, name, join(folder, name), join(folder, 'dist')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`'${way} ${name}' ended with exit code ${String(code)}.`);
  return Number(printed);
}

/** Every other file goes into the folder `0`, the rest into `1`. */
function halve(folder: string, name: string): void {
  for (const [at, file] of readdirSync(join(folder, name)).entries()) {
    const to = join(folder, String(at % 2), name, file);
    cpSync(join(folder, name, file), to);
  }
}

/**
 * Bundles of eight of Bootstrap's modules, each bundle others in another order: about 100 ms each in a
 * process that is warm. Warming terser up takes two seconds of processor time, in each process anew.
 */
function makeScripts(folder: string): void {
  const source = 'node_modules/bootstrap/js/src';
  const modules = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .sort()
    .map((file) => readFileSync(join(source, file), 'utf8'))
    .filter((text) => text.length > 3000)
    .map(asFunction);
  for (let at = 0; at < fileCount; at++) {
    const parts = [0, 1, 3, 5, 7, 8, 10, 11].map(
      (step) => modules[(at + step) % modules.length] ?? '',
    );
    writeFileSync(join(folder, `${at}.js`), `export const page${at} = [${parts.join(',\n')}];\n`);
  }
}

/** A module as a function that returns its default export, for a bundle. */
function asFunction(module: string): string {
  const body = module
    .replaceAll(/^import [^;]*? from .*$/gm, '')
    .replaceAll(/^export \{[^}]*\}/gm, '')
    .replaceAll(/^export default /gm, 'return ')
    .replaceAll(/^export /gm, '');
  return `(() => {\n${body}\n})()`;
}

/** Sheets that count and mix colours: about 40 ms each in a process that is warm. */
function makeSheets(folder: string): void {
  for (let at = 0; at < fileCount; at++) {
    const text = `
      @use 'sass:color';
      @for $i from 1 through 300 {
        .c${at}-#{$i} {
          color: color.scale(#369, $lightness: $i * 0.2%);
          &:hover { top: #{$i}px; }
          .x &, .y > & { margin: ($i * 1px) auto; }
        }
      }`;
    writeFileSync(join(folder, `${at}.scss`), text);
  }
}

function makeIcons(folder: string): void {
  cpSync('node_modules/bootstrap-icons/icons', folder, { recursive: true });
}
