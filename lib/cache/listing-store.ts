import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { changedPaths, type FileDigest, type FileListing, listingOf } from './file-listing.ts';

const mostListings = 100;
/** Nothing else in the folder is touched. */
const listingName = /^[0-9a-f]{12}(?:\.[0-9a-f]{12})?$/;

/**
 * Listings of files by the key under which records name them, each in a file of its own that is read
 * only to explain a change. They decide nothing: one that cannot be written or read costs a word of
 * explanation, and that is why trouble with them is not told.
 */
export class ListingStore {
  readonly #folder: string | undefined;
  readonly #written = new Set<string>();

  /** @param folder Undefined: nothing is kept. It is made when it is needed. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Does nothing if `listing` is not that of the key, since it has changed meanwhile. */
  keep(key: string, { digest, files }: FileListing): void {
    if (this.#folder === undefined || this.#written.has(key) || !digest.startsWith(key)) return;
    this.#written.add(key);
    const file = join(this.#folder, key);
    try {
      if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const temporary = `${file}.${randomBytes(6).toString('hex')}`;
      writeFileSync(temporary, JSON.stringify(files), { flag: 'wx', mode: 0o600 });
      renameSync(temporary, file);
      this.#prune(this.#folder);
    } catch {
      // See above.
    }
  }

  /** The paths that differ between what is kept under `key` and `now`; none if that is unknown. */
  changes(key: string, now: FileListing): readonly string[] {
    const before = this.#read(key);
    return before === undefined ? [] : changedPaths(before, now.files);
  }

  #read(key: string): readonly FileDigest[] | undefined {
    if (this.#folder === undefined || !/^[0-9a-f]+$/.test(key)) return undefined;
    try {
      const text = readFileSync(join(this.#folder, key), 'utf8');
      const files = JSON.parse(text) as readonly FileDigest[];
      return listingOf(files).digest.startsWith(key) ? files : undefined;
    } catch {
      return undefined;
    }
  }

  #prune(folder: string): void {
    const names = readdirSync(folder).filter((name) => listingName.test(name));
    if (names.length <= mostListings) return;
    const aged = names
      .map((name) => join(folder, name))
      .map((file) => ({ file, at: statSync(file).mtimeMs }))
      .sort((a, b) => a.at - b.at);
    for (const { file } of aged.slice(0, names.length - mostListings))
      rmSync(file, { force: true });
  }
}
