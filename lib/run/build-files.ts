import { readFileSync } from 'node:fs';
import { sha256 } from '../base/sha256.ts';
import { localImports } from '../cache/local-imports.ts';

/** The files in which the user's build is written, as they were at one moment. */
export interface BuildFiles {
  /** Absolute, sorted. */
  readonly paths: readonly string[];
  /** Of the content of all of them. */
  readonly digest: string;
}

/** `entries` with all that they import by relative paths, however indirectly. Never throws. */
export function buildFilesOf(entries: readonly string[]): BuildFiles {
  const digests = new Map<string, string>();
  const pending = [...entries];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (digests.has(path)) continue;
    const text = textOf(path);
    digests.set(path, text === undefined ? 'missing' : sha256(text));
    if (text !== undefined) pending.push(...localImports(path, text));
  }
  const sorted = [...digests].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { paths: sorted.map(([path]) => path), digest: sha256(JSON.stringify(sorted)) };
}

/** What cannot be read counts as missing: it is said by whoever loads it. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
