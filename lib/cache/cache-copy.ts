import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isAbsence } from './stats-of.ts';

/** A copy of a cache file, outside of the project. */
export interface CacheCopy {
  readonly file: string;
  remove(): Promise<void>;
}

/**
 * Copies a cache file, for whoever must not change anything: SQLite writes beside a file even to read
 * it, and mends what a crash has left. Undefined if there is no cache.
 *
 * @throws Error (by rejecting) if it cannot be copied
 */
export async function copyOfCache(file: string): Promise<CacheCopy | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'parproc-cache-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const copy = join(folder, basename(file));
  try {
    if (!(await copied(file, copy))) {
      await remove();
      return undefined;
    }
    await copied(`${file}-wal`, `${copy}-wal`);
    return { file: copy, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}
