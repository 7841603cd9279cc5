import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { plainFiles } from './declared-files.ts';
import { type FileListing, listingOf } from './file-listing.ts';
import { fileState, refreshedState } from './file-state.ts';
import type { FileState } from './verdict.ts';

const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
];

/** Files that count for every task. They are looked at when somebody asks after a `forget`. */
export class GlobalInputs {
  readonly #patterns: readonly string[] | undefined;
  readonly #workDir: string;
  readonly #clock: () => number;
  #states = new Map<string, FileState>();
  #seenAt = 0;
  #listing: FileListing | undefined;

  /**
   * @param patterns Paths and globs; undefined for the nearest package lock file, upwards.
   * @param clock Milliseconds since 1970.
   */
  constructor(patterns: readonly string[] | undefined, workDir: string, clock: () => number) {
    this.#patterns = patterns;
    this.#workDir = workDir;
    this.#clock = clock;
  }

  /** As they were when they were last looked at. */
  get listing(): FileListing {
    this.#listing ??= this.#look();
    return this.#listing;
  }

  /** They are looked at again when somebody asks. */
  forget(): void {
    this.#listing = undefined;
  }

  /** Whether they are now what `digest` says. */
  areStill(digest: string): boolean {
    return this.#look().digest === digest;
  }

  #look(): FileListing {
    const seenAt = this.#clock();
    const states = this.#paths().map((path) => {
      const before = this.#states.get(path);
      return before === undefined
        ? fileState(this.#workDir, path)
        : refreshedState(this.#workDir, before, this.#seenAt);
    });
    this.#states = new Map(states.map((state) => [state.path, state]));
    this.#seenAt = seenAt;
    return listingOf(states.map(({ path, sha256 }) => [path, sha256 ?? 'missing']));
  }

  #paths(): readonly string[] {
    if (this.#patterns !== undefined) return plainFiles(this.#patterns, this.#workDir);
    const lockFile = nearestLockFile(this.#workDir);
    return lockFile === undefined ? [] : [relative(this.#workDir, lockFile).split(sep).join('/')];
  }
}

function nearestLockFile(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const name = lockFiles.find((each) => existsSync(join(at, each)));
    if (name !== undefined) return join(at, name);
    if (at === dirname(at)) return undefined;
  }
}
