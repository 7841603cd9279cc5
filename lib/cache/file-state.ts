import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { contentDigest } from './content-digest.ts';
import { isAbsence, statsOf } from './stats-of.ts';
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
  const now = tuple(before.path, stats);
  const isYoung = Math.max(now.mtimeMs, now.ctimeMs) >= seenAt - racyMs;
  if (before.sha256 !== undefined && !isYoung && isSameTuple(before, now)) return before;
  return fileState(workDir, before.path);
}

/** Whether two states of one path have the same content. */
export function isSameContent(a: FileState, b: FileState): boolean {
  return a.sha256 === b.sha256;
}

/** Whether `stat` tells the same of both. */
export function isSameTuple(a: FileState, b: FileState): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/** A file that changed this shortly before it was recorded may have changed again unnoticed. */
const racyMs = 2000;

function fileStats(workDir: string, path: string): Stats | undefined {
  const stats = statsOf(join(workDir, path));
  return stats?.isFile() === true ? stats : undefined;
}

function tuple(path: string, { ino, size, mtimeMs, ctimeMs }: Stats): FileState {
  return { path, ino, size, mtimeMs, ctimeMs };
}

function absent(path: string): FileState {
  return { path, ino: 0, size: 0, mtimeMs: 0, ctimeMs: 0 };
}
