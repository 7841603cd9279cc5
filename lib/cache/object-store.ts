import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contentDigest } from './content-digest.ts';

/** What an `ObjectStore` needs. */
export interface ObjectStoreOptions {
  /** Absolute; it is made when it is needed, for the user alone. */
  readonly folder: string;
  readonly mostBytes: number;
  /** Whether nothing may be written: not even when something was used. */
  readonly isReadOnly: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** What this keeps, and what is left of it by whoever was cut short: beside it there may be other things. */
const ownPath = /^(?:content|tasks)[\\/][0-9a-f]{2}[\\/][0-9a-f]{62}(?:\.[0-9a-f]{12})?$/;

/** How much of the room may be in use after a clearing, so that not each build has to clear. */
const keptShare = 0.9;

/**
 * Files in a folder of our own: by their content, or under names that whoever keeps them chooses.
 * What was used longest ago goes first when there is too much. Every method throws what `node:fs` does.
 */
export class ObjectStore {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #isReadOnly: boolean;
  readonly #clock: () => number;
  #hasGrown = false;

  constructor({ folder, mostBytes, isReadOnly, clock }: ObjectStoreOptions) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    this.#isReadOnly = isReadOnly;
    this.#clock = clock;
  }

  /** Keeps the content of a file whose digest is known. */
  keepFile(file: string, digest: string): void {
    const object = this.#contentPath(digest);
    const flags = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;
    if (this.#isThere(object)) this.#noteUse(object);
    else this.#place(object, (temporary) => copyFileSync(file, temporary, flags));
  }

  /** Whether the content with this digest is kept. What proves to be something else is removed. */
  hasContent(digest: string): boolean {
    const object = this.#contentPath(digest);
    const size = statSync(object, { throwIfNoEntry: false })?.size;
    if (size === undefined) return false;
    if (contentDigest(object, size) === digest) return true;
    if (!this.#isReadOnly) rmSync(object, { force: true });
    return false;
  }

  /** Replaces whatever is at `file`, but no folder, by the content with this digest. */
  restoreFile(digest: string, file: string, mode: number): void {
    const object = this.#contentPath(digest);
    mkdirSync(dirname(file), { recursive: true });
    // Not written over: the file may have other names, and a link may lead to something else.
    rmSync(file, { force: true });
    copyFileSync(object, file, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(file, mode);
    this.#noteUse(object);
  }

  /** Keeps a text under a name of 64 hexadecimal digits. */
  keepText(name: string, text: string): void {
    this.#place(this.#textPath(name), (temporary) =>
      writeFileSync(temporary, text, { flag: 'wx' }),
    );
  }

  /** The text that is kept under a name; empty if there is none. */
  readText(name: string): string {
    const path = this.#textPath(name);
    if (!this.#isThere(path)) return '';
    this.#noteUse(path);
    return readFileSync(path, 'utf8');
  }

  /** Makes room if more was kept than there may be. */
  clear(): void {
    if (!this.#hasGrown) return;
    this.#hasGrown = false;
    const files = keptIn(this.#folder);
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes <= this.#mostBytes) return;
    for (const { path, bytes: size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= this.#mostBytes * keptShare) return;
      rmSync(path, { force: true });
      bytes -= size;
    }
  }

  #contentPath(digest: string): string {
    return join(this.#folder, 'content', digest.slice(0, 2), digest.slice(2));
  }

  #textPath(name: string): string {
    return join(this.#folder, 'tasks', name.slice(0, 2), name.slice(2));
  }

  #isThere(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  }

  #noteUse(path: string): void {
    if (this.#isReadOnly) return;
    const seconds = this.#clock() / 1000;
    utimesSync(path, seconds, seconds);
  }

  /** All of it or nothing is there, whenever we are cut short. */
  #place(path: string, write: (temporary: string) => void): void {
    this.#prepare(dirname(path));
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      write(temporary);
      chmodSync(temporary, 0o600);
      this.#noteUse(temporary);
      renameSync(temporary, path);
      this.#hasGrown = true;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  #prepare(folder: string): void {
    if (this.#isThere(folder)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const home = dirname(this.#folder);
    if (basename(home) !== '.parproc' || this.#isThere(join(home, '.gitignore'))) return;
    writeFileSync(join(home, '.gitignore'), '*\n');
  }
}

interface Kept {
  readonly path: string;
  readonly bytes: number;
  readonly usedAt: number;
}

function keptIn(folder: string): Kept[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    if (!ownPath.test(name)) return [];
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? [{ path, bytes: stats.size, usedAt: stats.mtimeMs }] : [];
  });
}
