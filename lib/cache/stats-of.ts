import { type Stats, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Codes that say that nothing can be read at a path; any other one is trouble. */
const absences = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** What calls of `atOneGlance` have seen in this synchronous stretch. */
let glance: Map<string, Stats | undefined> | undefined;
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

/**
 * What is at `path`, links followed. Undefined if there is nothing: no entry, a file where a folder
 * would have to be, a link that leads nowhere or in a circle.
 */
export function statsOf(path: string): Stats | undefined {
  if (!isGlancing || glance === undefined) return look(path);
  const seen = glance.get(path);
  if (seen !== undefined || glance.has(path)) return seen;
  const stats = look(path);
  glance.set(path, stats);
  return stats;
}

/** What is at a path that is relative to `folder`. */
export function statsIn(folder: string, path: string): Stats | undefined {
  // Much quicker than `join`, which is needed only where links may lie on the way up.
  return statsOf(
    path.startsWith('..') || isAbsolute(path) ? join(folder, path) : `${folder}/${path}`,
  );
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether `error` only says that there is nothing at the path. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && absences.has(String(error.code));
}
