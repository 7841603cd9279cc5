import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** What is used of Node's `Stats`, which is ten times as large, and there may be many of them. */
export interface FileStats {
  readonly kind: 'file' | 'folder' | 'other';
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** Codes that say that nothing can be read at a path; any other one is trouble. */
const absences = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** What calls of `atOneGlance` have seen in this synchronous stretch. */
let glance: Map<string, FileStats | undefined> | undefined;
let isGlancing = false;

/**
 * Calls `work`, for which `statsOf` looks at each path once, even if many calls follow one upon
 * another. Nothing that this process does asynchronously can come between them.
 */
export function atOneGlance<T>(work: () => T): T {
  if (glance === undefined) {
    glance = new Map();
    queueMicrotask(() => {
      glance = undefined;
    });
  }
  isGlancing = true;
  try {
    return work();
  } finally {
    isGlancing = false;
  }
}

/** Files were changed here: what follows in this synchronous stretch looks at them again. */
export function lookAnew(): void {
  glance = undefined;
}

/**
 * What is at `path`, links followed. Undefined if there is nothing: no entry, a file where a folder
 * would have to be, a link that leads nowhere or in a circle.
 */
export function statsOf(path: string): FileStats | undefined {
  if (!isGlancing || glance === undefined) return look(path);
  const seen = glance.get(path);
  if (seen !== undefined || glance.has(path)) return seen;
  const stats = look(path);
  glance.set(path, stats);
  return stats;
}

/** What is at a path that is relative to `folder`. */
export function statsIn(folder: string, path: string): FileStats | undefined {
  // Much quicker than `join`, which is needed only where links may lie on the way up.
  return statsOf(
    path.startsWith('..') || isAbsolute(path) ? join(folder, path) : `${folder}/${path}`,
  );
}

function look(path: string): FileStats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const { dev, ino, size, mtimeMs, ctimeMs } = stats;
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
    return { kind, dev, ino, size, mtimeMs, ctimeMs };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether `error` only says that there is nothing at the path. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && absences.has(String(error.code));
}
