import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importLate } from '../base/import-late.ts';
import { markAsWorker } from '../dsl/program.ts';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { prepareGulpLoader } from './prepare-gulp-loader.ts';

const needsImport = new Set([
  'ERR_REQUIRE_ESM',
  'ERR_REQUIRE_ASYNC_MODULE',
  'ERR_UNKNOWN_FILE_EXTENSION',
]);

/**
 * Imports the user's files as gulp-cli did in the parent: same loader, working directory and
 * command line. Rejects with whatever they throw.
 */
export async function loadUserFiles(setup: WorkerSetup): Promise<void> {
  markAsWorker();
  process.argv.splice(1, Number.POSITIVE_INFINITY, ...setup.argv);
  process.chdir(setup.workDir);
  for (const file of setup.files) {
    if (setup.loader === 'gulp-cli') await prepareGulpLoader(setup, file);
    stillGulpWatch(setup, file);
    await requireOrImport(file);
  }
}

/** As gulp-cli does it: what can be required is, so that the same loaders come to act. */
async function requireOrImport(file: string): Promise<void> {
  try {
    createRequire(file)(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!needsImport.has(code)) throw error;
    await importLate(pathToFileURL(file).href);
  }
}

/** A build file may call `gulp.watch` at its top level; here it must not watch anything. */
function stillGulpWatch(setup: WorkerSetup, file: string): void {
  if (!basename(setup.argv[0] ?? '').startsWith('gulp')) return;
  const require = createRequire(file);
  let gulp: { watch?: unknown };
  try {
    gulp = require('gulp') as { watch?: unknown };
  } catch {
    return;
  }
  gulp.watch = () => {
    const watcher = new EventEmitter();
    const self = (): EventEmitter => watcher;
    return Object.assign(watcher, { add: self, unwatch: self, close: () => Promise.resolve() });
  };
}
