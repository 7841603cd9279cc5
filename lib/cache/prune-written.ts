import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Written } from '../model/written.ts';
import { fileState, isSameContent, isSameTuple } from './file-state.ts';
import type { TaskRecord } from './record.ts';
import { lookAnew } from './stats-of.ts';
import type { FileState } from './verdict.ts';

/** Whose file it may be besides. */
export interface Ownership {
  /** Whether another task has made the file at a path when it last succeeded. */
  isOthers(path: string): boolean;
  /** When this process began, in milliseconds since 1970: nobody in it has made what is older. */
  readonly startedAt: number;
}

/**
 * Removes what a task wrote through `ctx.dest()` when it last succeeded, in folders that it prunes,
 * and not this time. What somebody else has made or changed since then stays.
 *
 * @throws what `node:fs` does
 */
export function pruneWritten(
  before: TaskRecord | undefined,
  { files, pruned }: Written,
  workDir: string,
  ownership: Ownership,
): void {
  if (pruned.length === 0 || before?.written === undefined) return;
  const now = new Set(files);
  const gone = new Set(before.written.filter((path) => !now.has(path) && isBelow(path, pruned)));
  for (const state of before.outputs) {
    if (!gone.has(state.path) || !isAsLeft(state, workDir, ownership)) continue;
    rmSync(join(workDir, state.path), { force: true });
  }
  lookAnew();
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) =>
    folder === '' ? !path.startsWith('../') : path.startsWith(`${folder}/`),
  );
}

function isAsLeft(left: FileState, workDir: string, { isOthers, startedAt }: Ownership): boolean {
  const now = fileState(workDir, left.path);
  if (!isSameContent(left, now)) return false;
  // Another task may have made the same and not have ended yet.
  const isUntouched = isSameTuple(left, now) || now.ctimeMs < startedAt;
  return isUntouched && !isOthers(left.path);
}
