import { existsSync, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/** What is watched, and who hears of it. */
export interface FolderWatcherOptions {
  /** Absolute; paths are relative to it, with `/`. */
  readonly workDir: string;
  /** Whether a folder is to be watched; empty for the working directory. */
  readonly isNeeded: (folder: string) => boolean;
  /** Paths outside of the working directory that are to be watched, with all below them. */
  readonly basesOutside: () => readonly string[];
  /** Whether a path is to be heard of. Asked only where files are polled. */
  readonly isMeant: (path: string) => boolean;
  /** Something has happened at a path; a folder: it is new or gone, with all that is below it. */
  readonly onChange: (path: string, isFolder: boolean) => void;
  /** It is in place: whatever happens from now on is heard of. */
  readonly onReady: () => void;
  /** Something cannot be watched, so changes of it are not heard of. */
  readonly onTrouble: (error: NodeJS.ErrnoException) => void;
  /** Look at all files again and again, every so many milliseconds, instead of being told. */
  readonly pollMs?: number;
}

/**
 * Watches folders, not the files in them: the system tells of these through their folders, so that
 * even ten thousand files need few watches.
 */
export class FolderWatcher {
  readonly #options: FolderWatcherOptions;
  readonly #watcher: FSWatcher;
  readonly #isPolling: boolean;
  #isBehind = false;
  #catchingUp: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: FolderWatcherOptions) {
    this.#options = options;
    const { pollMs } = options;
    this.#isPolling = pollMs !== undefined;
    this.#watcher = watch([], {
      followSymlinks: false,
      ignoreInitial: true,
      // What an editor does for an atomic save is one burst anyway.
      atomic: false,
      ignored: (path, stats) => this.#isIgnored(path, stats),
      ...(pollMs !== undefined && { usePolling: true, interval: pollMs, binaryInterval: pollMs }),
    });
    this.#watcher
      .on('error', (error) => {
        if (!this.#isClosed) options.onTrouble(error as NodeJS.ErrnoException);
      })
      .on('addDir', (path) => this.#tell(path, true))
      .on('unlinkDir', (path) => this.#tell(path, true))
      .on('ready', () => void this.#ready());
    if (this.#isPolling) {
      this.#watcher.on('all', (event, path) => {
        if (!event.endsWith('Dir')) this.#tell(path, false);
      });
    } else this.#watcher.on('raw', (_event, name, details) => this.#hear(name, details));
    // All in one, so that it says once that it is ready.
    this.#watcher.add(this.#roots());
  }

  /** Watches folders that are needed and are not watched yet. Never rejects. */
  async catchUp(): Promise<void> {
    this.#isBehind = true;
    this.#catchingUp ??= this.#untilCaughtUp();
    await this.#catchingUp;
  }

  async #untilCaughtUp(): Promise<void> {
    // The watcher takes a while to know of them.
    const added = new Set<string>();
    while (this.#isBehind && !this.#isClosed) {
      this.#isBehind = false;
      for (const path of await this.#missed(added)) {
        if (this.#isClosed) return;
        // Whatever came into being in it before it was watched has been missed as well.
        this.#isBehind = true;
        added.add(path);
        this.#watcher.add(path);
        this.#tell(path, true);
      }
    }
    this.#catchingUp = undefined;
  }

  async #missed(added: ReadonlySet<string>): Promise<string[]> {
    const watched = new Set(Object.keys(this.#watcher.getWatched()).map((path) => resolve(path)));
    const missed: string[] = [];
    const pending = this.#roots().filter(isFolder);
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (!watched.has(path) && !added.has(path)) missed.push(path);
      for (const name of await subfoldersOf(path)) {
        const folder = join(path, name);
        if (this.#options.isNeeded(this.#local(folder))) pending.push(folder);
      }
    }
    return missed;
  }

  /** Watches nothing any more. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watcher.close();
  }

  async #ready(): Promise<void> {
    // A folder that came into being while its parent was being read has been missed.
    await this.catchUp();
    if (!this.#isClosed) this.#options.onReady();
  }

  /**
   * Where to begin: in the working directory itself, so that it is heard of when anything in it goes
   * and comes back. Outside of it no more is watched than is declared, since there may be much.
   */
  #roots(): string[] {
    const { workDir, basesOutside } = this.#options;
    const outside = basesOutside().map((path) => existingAt(resolve(workDir, path)));
    return [...new Set([workDir, ...outside])];
  }

  #isIgnored(path: string, stats?: { isDirectory(): boolean }): boolean {
    const local = this.#local(path);
    const isFolder = stats?.isDirectory();
    if (isFolder !== false && this.#options.isNeeded(local)) return false;
    if (local.startsWith('../') && this.#options.basesOutside().includes(local)) return false;
    return !this.#isPolling || isFolder === true || !this.#options.isMeant(local);
  }

  #hear(name: unknown, details: unknown): void {
    const { watchedPath } = details as { watchedPath: string };
    const path = typeof name === 'string' ? join(watchedPath, name) : watchedPath;
    this.#tell(path, typeof name !== 'string');
  }

  #tell(path: string, isFolder: boolean): void {
    if (!this.#isClosed) this.#options.onChange(this.#local(path), isFolder);
  }

  #local(path: string): string {
    const { workDir } = this.#options;
    return relative(workDir, resolve(workDir, path)).split(sep).join('/');
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A path, or where it would come into being. */
function existingAt(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}

/** What is gone meanwhile has none. */
async function subfoldersOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
