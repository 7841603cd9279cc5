import { dirname, join } from 'node:path';
import { contentDigest } from './content-digest.ts';
import { type FileStats, isAbsence, statsIn, statsOf } from './stats-of.ts';
import type { FileState } from './verdict.ts';

/** A file as it is now, read. A path at which there is no file has no `sha256`. */
export function fileState(workDir: string, path: string): FileState {
  const stats = fileStats(workDir, path);
  if (stats === undefined) return absent(path);
  try {
    return { ...tuple(path, stats), sha256: contentDigest(join(workDir, path), stats.size) };
  } catch (error) {
    if (isAbsence(error)) return absent(path);
    throw error;
  }
}

/**
 * A file as it is now, read only if it may differ from `before`: if anything that `stat` tells has
 * changed, or the file is so young that a change could hide within the clock's granularity.
 *
 * @param seenAt When `before` was seen or any time after it was last read, in milliseconds since 1970.
 */
export function refreshedState(workDir: string, before: FileState, seenAt: number): FileState {
  const stats = fileStats(workDir, before.path);
  if (stats === undefined) return absent(before.path);
  const isYoung = Math.max(stats.mtimeMs, stats.ctimeMs) >= seenAt - racyMs;
  if (before.sha256 !== undefined && !isYoung && isSameTuple(before, stats)) return before;
  return fileState(workDir, before.path);
}

/**
 * Whether nothing can have been written at `path` since a time in milliseconds since 1970. Where
 * there is no file, the folder that it would be in tells whether one has been there.
 */
export function wasQuietSince(workDir: string, path: string, since: number): boolean {
  const file = join(workDir, path);
  let stats = statsOf(file);
  for (let at = file; stats === undefined && at !== dirname(at); at = dirname(at)) {
    stats = statsOf(dirname(at));
  }
  if (stats === undefined) return false;
  const changedAt = Math.max(stats.mtimeMs, stats.ctimeMs);
  // Parts of a second mean that the file system's clock ticks at least every ten milliseconds.
  const isFine = stats.ctimeMs % 1000 !== 0;
  return changedAt < since - (isFine ? fineRacyMs : racyMs);
}

/** Whether two states of one path have the same content. */
export function isSameContent(a: FileState, b: FileState): boolean {
  return a.sha256 === b.sha256;
}

type Tuple = Pick<FileState, 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/** Whether `stat` tells the same of both. */
export function isSameTuple(a: Tuple, b: Tuple): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/** A file that changed this shortly before it was recorded may have changed again unnoticed. */
export const racyMs = 2000;
const fineRacyMs = 100;

function fileStats(workDir: string, path: string): FileStats | undefined {
  const stats = statsIn(workDir, path);
  return stats?.kind === 'file' ? stats : undefined;
}

function tuple(path: string, { ino, size, mtimeMs, ctimeMs }: FileStats): FileState {
  return { path, ino, size, mtimeMs, ctimeMs };
}

function absent(path: string): FileState {
  return { path, ino: 0, size: 0, mtimeMs: 0, ctimeMs: 0 };
}
