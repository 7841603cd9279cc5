import { type Stats, statSync } from 'node:fs';

/** Codes that say that nothing can be read at a path; any other one is trouble. */
const absences = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/**
 * What is at `path`, links followed. Undefined if there is nothing: no entry, a file where a folder
 * would have to be, a link that leads nowhere or in a circle.
 */
export function statsOf(path: string): Stats | undefined {
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
