import { existsSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { basename, extname, join, resolve } from 'node:path';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { host } from './host.ts';

const scriptExtensions = '.js .cjs .mjs .ts .cts .mts .jsx .tsx .coffee .babel.js .esm.js'.split(
  ' ',
);

/**
 * How workers get at the user's definitions.
 *
 * @param gulpfile The value of `--gulpfile`, if there was one.
 * @param definingFiles The files in which tasks were defined, for when the gulpfile is not known.
 */
export function workerSetup(
  gulpfile: string | undefined,
  definingFiles: readonly string[],
): WorkerSetup {
  const workDir = host.workDir();
  const startDir = host.startDir();
  const main = gulpfilePath(gulpfile);
  const files = host.isGulp() && main !== undefined ? [main] : definingFiles;
  const argv = host.argv().slice(1);
  const execArgv = host.execArgv();
  const loader = files.some((file) => needsGulpLoader(file, argv)) ? 'gulp-cli' : 'inherited';
  return { startDir, workDir, execArgv, argv, files, loader };
}

/**
 * The file that gulp-cli loads; undefined if there is none.
 *
 * @param given The value of `--gulpfile`, if there was one.
 */
export function gulpfilePath(given: string | undefined): string | undefined {
  return given === undefined ? gulpfileIn(host.workDir()) : resolve(host.startDir(), given);
}

function gulpfileIn(folder: string): string | undefined {
  for (const extension of scriptExtensions) {
    for (const name of ['gulpfile', 'Gulpfile']) {
      const file = join(folder, name + extension);
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}

/**
 * Whether gulp-cli has set up a loader inside this process, so that it is not inherited with
 * Node's flags: by `--preload`, by a `.gulp.*` file, or for the extension of the gulpfile.
 */
function needsGulpLoader(file: string, argv: readonly string[]): boolean {
  if (!host.isGulp()) return false;
  if (argv.some((word) => /^--preload(?:=|$)/.test(word))) return true;
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  // `includes` first: there are hundreds of them.
  const isConfig = (path: string): boolean => basename(path).startsWith('.gulp.');
  if (loaded.some((path) => path.includes('.gulp.') && isConfig(path))) return true;
  if (/^\.[cm]?js$/.test(extname(file))) return false;
  const flags = [...host.execArgv(), host.env('NODE_OPTIONS') ?? ''].join(' ');
  const hasFlag = /(?:^|\s)(?:--import|--require|-r|--loader|--experimental-loader)[=\s]/.test(
    flags,
  );
  return !hasFlag && extname(file) in extensionHooks();
}

function extensionHooks(): object {
  const { _extensions: hooks } = Module as unknown as { readonly _extensions?: object };
  return hooks ?? {};
}
