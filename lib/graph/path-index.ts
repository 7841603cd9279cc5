import { posix } from 'node:path';
import { lateRequire } from '../base/late-require.ts';

/** A path or glob that a task declares, prepared for comparison with others. */
export interface PathPattern {
  /** Normalised, without escapes if it is no glob. */
  readonly text: string;
  /** Segments of the path, or of the part of a glob in front of the first segment with magic. */
  readonly base: readonly string[];
  /** For a glob: whether a path fits. */
  readonly fits: ((path: string) => boolean) | undefined;
}

interface Folder<T> {
  readonly below: Map<string, Folder<T>>;
  /** What has been declared with this as its path or base, by text. */
  readonly entries: Map<string, Entry<T>>;
}

interface Entry<T> {
  readonly pattern: PathPattern;
  readonly owners: T[];
}

/** A declared path that meets another one, and who has declared it. */
export interface Meeting<T> {
  readonly owner: T;
  readonly pattern: PathPattern;
}

/**
 * Declared paths, so that those can be found that have files in common with another one. A path can
 * be a folder, and is met by all that is below it. Two globs meet if they are the same: whether others
 * have a file in common is not decided.
 */
export class PathIndex<T> {
  readonly #root: Folder<T> = newFolder();

  add(pattern: PathPattern, owner: T): void {
    let folder = this.#root;
    for (const segment of pattern.base) {
      const next = folder.below.get(segment) ?? newFolder<T>();
      folder.below.set(segment, next);
      folder = next;
    }
    const entry = folder.entries.get(pattern.text);
    if (entry === undefined) folder.entries.set(pattern.text, { pattern, owners: [owner] });
    else entry.owners.push(owner);
  }

  /** Whoever has declared something that has files in common with `pattern`. */
  *meeting(pattern: PathPattern): Iterable<Meeting<T>> {
    for (const { pattern: found, owners } of this.#candidates(pattern)) {
      if (!doMeet(pattern, found)) continue;
      for (const owner of owners) yield { owner, pattern: found };
    }
  }

  /** What is declared on the way to the base of `pattern`, and all below it. */
  *#candidates({ base }: PathPattern): Iterable<Entry<T>> {
    let folder: Folder<T> | undefined = this.#root;
    for (const segment of base) {
      yield* folder.entries.values();
      folder = folder.below.get(segment);
      if (folder === undefined) return;
    }
    const pending = [folder];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      yield* next.entries.values();
      for (const below of next.below.values()) pending.push(below);
    }
  }
}

const picomatch = lateRequire<typeof import('picomatch')>('picomatch');
const patterns = new Map<string, PathPattern>();
const mostPatterns = 10_000;

/** What `text`, a path or glob relative to the working directory, stands for. */
export function pathPatternOf(text: string): PathPattern {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  const made = makePattern(text);
  // Many tasks declare the same globs, and compiling one takes long.
  if (made.fits !== undefined) {
    if (patterns.size >= mostPatterns) patterns.clear();
    patterns.set(text, made);
  }
  return made;
}

function makePattern(text: string): PathPattern {
  const path = posix.normalize(text).replace(/(?<=.)\/$/, '');
  const segments = path === '.' ? [] : path.split('/');
  const magic = segments.findIndex((segment) => /(?<!\\)[*?{}()![\]]/.test(segment));
  if (magic === -1) {
    const plain = path.replace(/\\(?=[*?{}()![\]\\])/g, '');
    return { text: plain, base: path === '.' ? [] : plain.split('/'), fits: undefined };
  }
  const base = segments
    .slice(0, magic)
    .map((segment) => segment.replace(/\\(?=[*?{}()![\]\\])/g, ''));
  return { text: path, base, fits: picomatch()(path, { dot: true }) };
}

/** Given that the base of one is at or below that of the other. */
function doMeet(a: PathPattern, b: PathPattern): boolean {
  if (a.fits === undefined && b.fits === undefined) return true;
  if (a.fits !== undefined && b.fits !== undefined) return a.text === b.text;
  const [glob, path] = a.fits === undefined ? [b, a] : [a, b];
  // A folder with the whole glob in it; the root is one for everything.
  if (glob.base.length >= path.base.length) return true;
  return glob.fits?.(path.text) === true;
}

function newFolder<T>(): Folder<T> {
  return { below: new Map(), entries: new Map() };
}
