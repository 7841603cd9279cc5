import { type FSWatcher, lstatSync, type Stats, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { FileWatcher, FileWatcherOptions } from './file-watcher.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** Which folder it is: another one may come to be at its path. */
  readonly ino: number;
}

/**
 * Watches folders, not the files in them: the system tells of these through their folders, so that
 * ten thousand files need few watches. Links are not followed.
 *
 * chokidar reads a whole folder, with the state of each file, whenever something happens in it, which
 * takes longer than all that a save leads to; and it reads a new folder before it watches it.
 */
export class FolderWatcher implements FileWatcher {
  readonly #options: FileWatcherOptions;
  /** By absolute path. */
  readonly #watched = new Map<string, Watched>();
  #isClosed = false;

  constructor(options: FileWatcherOptions) {
    this.#options = options;
    void this.#start();
  }

  async catchUp(): Promise<void> {
    for (const root of this.#roots()) await this.#add(root, true);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const path of this.#watched.keys()) this.#forget(path);
    return Promise.resolve();
  }

  async #start(): Promise<void> {
    for (const root of this.#roots()) await this.#add(root, false);
    if (!this.#isClosed) this.#options.onReady();
  }

  /**
   * Where to begin: in the working directory itself, so that it is heard of when anything in it goes
   * and comes back. Outside of it no more is watched than is declared, since there may be much.
   */
  #roots(): string[] {
    const { workDir, basesOutside } = this.#options;
    const outside = basesOutside().map((path) => folderAt(resolve(workDir, path)));
    return [...new Set([workDir, ...outside])];
  }

  /** Watches a folder and all that is needed below it; `isNews`: if it was not, that is told. */
  async #add(root: string, isNews: boolean): Promise<void> {
    const pending = [root];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      // First it is watched, then it is read: so nothing is missed in between.
      const isNew = !this.#watched.has(path) && this.#watch(path);
      if (isNew && isNews) this.#tell(path, true);
      for (const name of await subfoldersOf(path)) {
        const folder = join(path, name);
        if (this.#options.isNeeded(this.#local(folder))) pending.push(folder);
      }
      if (this.#isClosed) return;
    }
  }

  #watch(path: string): boolean {
    const stats = statsAt(path);
    if (this.#isClosed || stats?.isDirectory() !== true) return false;
    try {
      const watcher = watch(path, { persistent: true }, (event, name) =>
        this.#hear(path, event, name),
      );
      watcher.on('error', (error) => {
        this.#forget(path);
        // On some systems that is how a folder goes.
        if (statsAt(path) !== undefined) this.#fail(error);
        else this.#tell(path, true);
      });
      this.#watched.set(path, { watcher, ino: stats.ino });
      return true;
    } catch (error) {
      if (statsAt(path) !== undefined) this.#fail(error as NodeJS.ErrnoException);
      return false;
    }
  }

  #hear(folder: string, event: string, name: string | null): void {
    if (this.#isClosed) return;
    if (name === null) {
      this.#tell(folder, true);
      void this.#add(folder, true);
      return;
    }
    const path = join(folder, name);
    this.#tell(path, false);
    if (event !== 'rename') return;
    // A folder that goes tells of itself, under its own name.
    if (name === basename(folder) && statsAt(path) === undefined) this.#replace(folder);
    else this.#lookAt(path);
  }

  /** A name has come or gone: it may be that of a folder. */
  #lookAt(path: string): void {
    const known = this.#watched.get(path);
    if (known === undefined && !this.#options.isNeeded(this.#local(path))) return;
    const stats = statsAt(path);
    if (known !== undefined) {
      if (stats?.isDirectory() !== true || stats.ino !== known.ino) this.#replace(path);
    } else if (stats?.isDirectory() === true) {
      this.#tell(path, true);
      void this.#add(path, true);
    }
  }

  /** What was at a path is gone; something else may be there. */
  #replace(path: string): void {
    for (const each of this.#watched.keys()) {
      if (each === path || each.startsWith(path + sep)) this.#forget(each);
    }
    this.#tell(path, true);
    const isInside = this.#watched.has(dirname(path));
    const starts = isInside ? [path] : this.#roots().filter((root) => !this.#watched.has(root));
    for (const each of starts) void this.#add(each, true);
  }

  #forget(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (!this.#isClosed) this.#options.onTrouble(error);
  }

  #tell(path: string, isFolder: boolean): void {
    if (!this.#isClosed) this.#options.onChange(this.#local(path), isFolder);
  }

  #local(path: string): string {
    return relative(this.#options.workDir, path).split(sep).join('/');
  }
}

/** A folder, the folder of a file, or where a path would come into being. */
function folderAt(path: string): string {
  let at = path;
  while (statsAt(at)?.isDirectory() !== true && at !== dirname(at)) at = dirname(at);
  return at;
}

function statsAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // What cannot be looked at is as good as gone.
    return undefined;
  }
}

/** What is gone meanwhile has none. */
async function subfoldersOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
