import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';

/** Files with digests of their content, and one digest of all that. */
export interface FileListing {
  readonly digest: string;
  /** Sorted by path. */
  readonly files: readonly FileDigest[];
}

/** A path relative to the working directory, and the digest of what is there. */
export type FileDigest = readonly [path: string, digest: string];

/** The listing of `files`. */
export function listingOf(files: readonly FileDigest[]): FileListing {
  const sorted = files.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { digest: sha256(canonicalJson(sorted)), files: sorted };
}

/** The paths that are in one list only or differ, sorted as they come. */
export function changedPaths(before: readonly FileDigest[], now: readonly FileDigest[]): string[] {
  const old = new Map(before);
  const changed: string[] = [];
  for (const [path, digest] of now) {
    if (old.get(path) !== digest) changed.push(path);
    old.delete(path);
  }
  return [...changed, ...old.keys()];
}
