import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { FileWatcher, FileWatcherOptions } from './file-watcher.ts';

/**
 * Looks at all files again and again, where the system does not tell of changes. Links are not
 * followed.
 */
export class PollingWatcher implements FileWatcher {
  readonly #options: FileWatcherOptions;
  readonly #watcher: FSWatcher;
  #isClosed = false;

  /** @param intervalMs How often files are looked at. */
  constructor(options: FileWatcherOptions, intervalMs: number) {
    this.#options = options;
    this.#watcher = watch(this.#roots(), {
      usePolling: true,
      interval: intervalMs,
      binaryInterval: intervalMs,
      followSymlinks: false,
      ignoreInitial: true,
      // What an editor does for an atomic save is one burst anyway.
      atomic: false,
      ignored: (path, stats) => this.#isIgnored(path, stats),
    })
      .on('error', (error) => {
        if (!this.#isClosed) options.onTrouble(error as NodeJS.ErrnoException);
      })
      .on('all', (event, path) => {
        if (!this.#isClosed) options.onChange(this.#local(path), event.endsWith('Dir'));
      })
      .on('ready', () => {
        if (!this.#isClosed) options.onReady();
      });
  }

  catchUp(): Promise<void> {
    this.#watcher.add(this.#roots());
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watcher.close();
  }

  /** chokidar has no globs: it is given where they begin, and asked each time what is left out. */
  #roots(): string[] {
    const { workDir, basesOutside } = this.#options;
    const outside = basesOutside().map((path) => existingAt(resolve(workDir, path)));
    return [...new Set([workDir, ...outside])];
  }

  #isIgnored(path: string, stats?: { isDirectory(): boolean }): boolean {
    const { isNeeded, isMeant } = this.#options;
    const local = this.#local(path);
    const isFolder = stats?.isDirectory();
    if (isFolder !== false && isNeeded(local)) return false;
    return isFolder === true || !isMeant(local);
  }

  #local(path: string): string {
    const { workDir } = this.#options;
    return relative(workDir, resolve(workDir, path)).split(sep).join('/');
  }
}

/** A path, or where it would come into being. */
function existingAt(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}
