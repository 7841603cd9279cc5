import { type Dirent, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { lateRequire } from '../base/late-require.ts';
import { sha256 } from '../base/sha256.ts';
import { statsOf } from './stats-of.ts';

/** What is looked for; everything that the result depends on, besides what there is. */
export interface GlobQuery {
  readonly globs: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Whether hidden files are found without being named. */
  readonly dot: boolean;
  readonly ignore: readonly string[];
}

/** A folder that was searched, as it was before; all zero if there was none. */
type Folder = readonly [path: string, dev: number, ino: number, mtimeMs: number, ctimeMs: number];

interface Result {
  readonly files: readonly string[];
  readonly folders: readonly Folder[];
  readonly usedAt: number;
}

const tinyglobby = lateRequire<typeof import('tinyglobby')>('tinyglobby');

const schema = 1;
const dayMs = 86_400_000;
const keptUnusedMs = 30 * dayMs;
const usedWithinMs = 7 * dayMs;
/** A folder that changed this shortly before it was searched may have changed again unnoticed. */
const racyMs = 2000;

/**
 * What globs have found, reused as long as no folder that was searched for it has changed: files
 * cannot come, go or be renamed without that. Links may lead to what changes elsewhere, so what was
 * found with one on the way is not kept; nor is anything on Windows, where folders are slow to tell.
 */
export class GlobResults {
  readonly #clock: () => number;
  readonly #isTrusting: boolean;
  #results = new Map<string, Result>();
  #isChanged = false;

  /**
   * @param clock Milliseconds since 1970.
   * @param isTrusting Whether the file system tells of changes in a folder at once.
   */
  constructor(clock: () => number, isTrusting: boolean) {
    this.#clock = clock;
    this.#isTrusting = isTrusting;
  }

  /** The files that the globs of `query` stand for now. */
  find(query: GlobQuery): readonly string[] {
    const key = canonicalJson(query);
    const known = this.#results.get(key);
    if (known?.folders.every(isUnchanged) === true) {
      this.#noteUse(key, known);
      return known.files;
    }
    const startedAt = this.#clock();
    const { files, folders, hasLinks } = search(query);
    const isOld = folders.every(([, , , m, c]) => Math.max(m, c) < startedAt - racyMs);
    if (this.#isTrusting && isOld && !hasLinks) {
      this.#results.set(key, { files, folders, usedAt: startedAt });
      this.#isChanged = true;
    } else if (this.#results.delete(key)) this.#isChanged = true;
    return files;
  }

  /** Whether something has changed since `restore` or the last `takeText`. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Takes over what `text` gave; nothing, if that is damaged or of another version. */
  restore(text: string): void {
    const body = text.slice(65);
    this.#results = new Map();
    this.#isChanged = false;
    if (text.slice(0, 64) !== sha256(body)) return;
    const stored = JSON.parse(body) as { v: number; results: [string, Result][] };
    if (stored.v === schema) this.#results = new Map(stored.results);
  }

  /** All of it as text with a checksum, if it has changed since `restore` or the last call. */
  takeText(): string | undefined {
    if (!this.#isChanged) return undefined;
    this.#isChanged = false;
    const oldest = this.#clock() - keptUnusedMs;
    const results = [...this.#results].filter(([, { usedAt }]) => usedAt >= oldest);
    const body = JSON.stringify({ v: schema, results });
    return `${sha256(body)} ${body}`;
  }

  #noteUse(key: string, result: Result): void {
    const now = this.#clock();
    if (result.usedAt >= now - usedWithinMs) return;
    this.#results.set(key, { ...result, usedAt: now });
    this.#isChanged = true;
  }
}

/** Expands globs without any memory. */
export function search(query: GlobQuery): {
  readonly files: string[];
  readonly folders: readonly Folder[];
  readonly hasLinks: boolean;
} {
  const { globs, ...options } = query;
  const folders: Folder[] = [];
  let hasLinks = false;
  let unreadable: string | undefined;
  // fdir, which tinyglobby walks with, asks for nothing but entries with their types.
  const readdir = (path: string, how: { withFileTypes: true }): Dirent[] => {
    const folder = resolve(path);
    // Before it is read: what changes in between is noticed the next time.
    folders.push(folderNow(folder));
    if (isNotUtf8(folder)) unreadable ??= folder;
    const entries = readdirSync(folder, how);
    hasLinks ||= entries.some((entry) => entry.isSymbolicLink());
    return entries;
  };
  const files = tinyglobby().globSync(globs, {
    ...options,
    fs: { readdirSync: readdir as typeof readdirSync },
    followSymbolicLinks: true,
    expandDirectories: false,
    onlyFiles: true,
  });
  unreadable ??= files.find((file) => isNotUtf8(resolve(options.cwd, file)));
  if (unreadable === undefined) return { files, folders, hasLinks };
  throw new Error(`The name of '${unreadable}' is not UTF-8, so nobody can tell what is there.`);
}

/** Node puts a question mark in a diamond for what it cannot read, and then there is no such file. */
function isNotUtf8(path: string): boolean {
  return path.includes('\uFFFD') && statsOf(path) === undefined;
}

function folderNow(path: string): Folder {
  const stats = statsOf(path);
  if (stats === undefined) return [path, 0, 0, 0, 0];
  return [path, stats.dev, stats.ino, stats.mtimeMs, stats.ctimeMs];
}

function isUnchanged(before: Folder): boolean {
  const now = folderNow(before[0]);
  return before.every((part, index) => part === now[index]);
}
