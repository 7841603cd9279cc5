import { spawnSync } from 'node:child_process';
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
import { basename, join } from 'node:path';
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
  { name: 'terser', metric: '300 scripts, gulp-terser', target: '>= 1.6', make: makeScripts },
  { name: 'sass', metric: '300 sheets, gulp-sass', target: '>= 1.6', make: makeSheets },
  { name: 'icons', metric: '2,080 icons, gulp-svgmin', target: '>= 1', make: makeIcons },
];

/** Files through a plugin in the pool, workers cold at first, against the same plugin in gulp alone. */
export async function pooledRows(runs: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parproc-bench-'));
  const times = new Map<string, number[]>();
  try {
    for (const { name, make } of loads) {
      mkdirSync(join(folder, name));
      make(join(folder, name));
    }
    for (let run = 0; run < runs; run++) {
      for (const { name } of loads) {
        for (const way of ['pooled', 'plain']) {
          const key = `${way} ${name}`;
          times.set(key, [...(times.get(key) ?? []), timeOf(way, name, folder)]);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return Promise.resolve(loads.map((load) => rowOf(load, times)));
}

function rowOf({ name, metric, target }: Load, times: ReadonlyMap<string, number[]>): Row {
  const ours = medianOf(times.get(`pooled ${name}`) ?? []);
  const theirs = medianOf(times.get(`plain ${name}`) ?? []);
  const ratio = Math.round((theirs / ours) * 100) / 100;
  return {
    metric,
    ours: 'pooled',
    against: 'plain gulp',
    oursMedian: Math.round(ours),
    againstMedian: Math.round(theirs),
    unit: 'ms',
    ratio,
    target,
    ok: ratio >= Number(target.slice(3)),
  };
}

function timeOf(way: string, name: string, folder: string): number {
  const dest = join(folder, 'dist');
  rmSync(dest, { recursive: true, force: true });
  const args = ['bench/contenders/files.mjs', way, name, join(folder, name), dest];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`'${way} ${name}' ended with exit code ${status}.\n${stderr}`);
  return Number(stdout);
}

/** Modules of Bootstrap, again and again under other names. */
function makeScripts(folder: string): void {
  const source = 'node_modules/bootstrap/js/src';
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => [basename(file), readFileSync(join(source, file))] as const)
    .filter(([, bytes]) => bytes.length > 3000);
  for (let at = 0; at < fileCount; at++) {
    const [name, bytes] = files[at % files.length] ?? ['empty.js', Buffer.alloc(0)];
    writeFileSync(join(folder, `${at}-${name}`), bytes);
  }
}

function makeSheets(folder: string): void {
  for (let at = 0; at < fileCount; at++) {
    const text = `
      @use 'sass:color';
      @for $i from 1 through 200 {
        .c${at}-#{$i} { color: color.scale(#369, $lightness: $i * 0.5%); &:hover { top: #{$i}px; } }
      }`;
    writeFileSync(join(folder, `${at}.scss`), text);
  }
}

function makeIcons(folder: string): void {
  cpSync('node_modules/bootstrap-icons/icons', folder, { recursive: true });
}
