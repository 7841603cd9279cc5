import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { sha256 } from '../base/sha256.ts';
import { isOurs, replaceFile } from './private-file.ts';

/** What a copy of a store held when it was read. */
export interface Copied {
  readonly texts: ReadonlyMap<string, string>;
  /** Reads the text of the snapshot, or of the one that has taken its place; undefined if there is none. */
  readonly snapshot: () => Buffer | undefined;
  /** Differs as soon as the copy is another one. */
  readonly stamp: string;
}

const version = 1;
/** So many digits of a checksum stand before a text. */
const digits = 64;

/**
 * What a run with nothing to do needs of a store, in two plain files beside the store's own: reading them
 * takes a tenth of the time that it takes to load SQLite and to ask it. The copy counts as long as the
 * store's file is what it was when the copy was made, and whoever writes to the store takes it away first.
 *
 * All is synchronous, and nothing of it fails: without a copy a run is only slower.
 */
export class StoreCopy {
  readonly #store: string;
  readonly #head: string;
  readonly #snapshot: string;
  /** Of the snapshot that is copied, if that is known. */
  #checksum = '';
  /** Whether a copy may be there. */
  #isThere = true;

  /** @param store The store's file, absolute. */
  constructor(store: string) {
    this.#store = store;
    this.#head = `${store}-copy`;
    this.#snapshot = `${store}-snapshot`;
  }

  /** The copy, if there is a whole one that counts. */
  read(): Copied | undefined {
    try {
      const stamp = this.#stamp();
      if (stamp === undefined) return undefined;
      const text = readFileSync(this.#head, 'utf8');
      const body = text.slice(digits + 1);
      if (text.slice(0, digits) !== sha256(body)) return undefined;
      const copied = JSON.parse(body) as Written;
      if (copied.version !== version || copied.store !== storeStamp(this.#store)) return undefined;
      return { texts: new Map(copied.texts), snapshot: () => this.#readSnapshot(), stamp };
    } catch {
      return undefined;
    }
  }

  #readSnapshot(): Buffer | undefined {
    try {
      if (!isOurs(lstatSync(this.#snapshot))) return undefined;
      const snapshot = readFileSync(this.#snapshot);
      this.#checksum = snapshot.toString('latin1', 0, digits);
      return snapshot;
    } catch {
      return undefined;
    }
  }

  /** Whether the copy is the same as when it was read, and so is the store. */
  isStill(stamp: string): boolean {
    try {
      return this.#stamp() === stamp;
    } catch {
      return false;
    }
  }

  /** Whether the snapshot that begins with this checksum was read or written here. */
  hasSnapshot(checksum: string): boolean {
    if (this.#checksum === '' && this.#isWhole(checksum)) this.#checksum = checksum;
    return this.#checksum === checksum;
  }

  /** Whether the file is the snapshot that begins with this checksum, as far as can be told without reading it. */
  #isWhole(checksum: string): boolean {
    try {
      if (!isOurs(lstatSync(this.#snapshot))) return false;
      const file = openSync(this.#snapshot, 'r');
      try {
        const begin = Buffer.alloc(digits);
        readSync(file, begin);
        return begin.toString('latin1') === checksum;
      } finally {
        closeSync(file);
      }
    } catch {
      return false;
    }
  }

  /**
   * Makes a copy of the store as it is now.
   *
   * @param snapshot Undefined if it is copied already.
   * @returns Its stamp; undefined if there is no way to copy.
   */
  write(texts: ReadonlyMap<string, string>, snapshot: string | undefined): string | undefined {
    this.drop();
    try {
      const store = storeStamp(this.#store);
      if (store === undefined) return undefined;
      if (snapshot !== undefined) {
        this.#checksum = '';
        replaceFile(this.#snapshot, snapshot);
        this.#checksum = snapshot.slice(0, digits);
      }
      const written: Written = { version, store, texts: [...texts] };
      const body = JSON.stringify(written);
      this.#isThere = true;
      replaceFile(this.#head, `${sha256(body)} ${body}`);
      return this.#stamp();
    } catch {
      this.drop();
      return undefined;
    }
  }

  /** Takes the copy away: the store is going to be another one. */
  drop(): void {
    if (!this.#isThere) return;
    try {
      rmSync(this.#head, { force: true });
      this.#isThere = false;
    } catch {
      // The store's file tells that the copy is old.
    }
  }

  #stamp(): string | undefined {
    const stats = lstatSync(this.#head);
    const store = storeStamp(this.#store);
    return isOurs(stats) && store !== undefined ? `${tuple(stats)} of ${store}` : undefined;
  }
}

interface Written {
  readonly version: number;
  readonly store: string | undefined;
  readonly texts: readonly (readonly [string, string])[];
}

/** What tells one state of a SQLite file from another; undefined if it is none that may be used. */
function storeStamp(file: string): string | undefined {
  const stats = lstatSync(file);
  if (!isOurs(stats)) return undefined;
  const log = lstatSync(`${file}-wal`, { throwIfNoEntry: false });
  // An empty log is taken away by whoever closes the file last.
  return log === undefined || log.size === 0 ? tuple(stats) : `${tuple(stats)} ${tuple(log)}`;
}

function tuple({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}
