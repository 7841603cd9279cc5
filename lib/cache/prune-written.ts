import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Written } from '../model/written.ts';
import { isSameContent, isSameTuple, refreshedState } from './file-state.ts';
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

const nothing: Written = { files: [], pruned: [] };

/**
 * Removes what a task wrote through `ctx.dest()` before, successfully or not, in folders that it
 * prunes, and not this time. What somebody else has made or changed since then stays.
 *
 * @returns What else it wrote before and not this time, and nobody has made or changed since.
 * @throws what `node:fs` does
 */
export function pruneWritten(
  before: TaskRecord | undefined,
  { files, pruned }: Written = nothing,
  workDir: string,
  ownership: Ownership,
): readonly FileState[] {
  if (before === undefined) return [];
  const now = new Set(files);
  const left = writtenBefore(before).filter(
    (state) => !now.has(state.path) && isAsLeft(state, before.recordedAt, workDir, ownership),
  );
  const gone = new Set(left.filter(({ path }) => isBelow(path, pruned)));
  for (const { path } of gone) rmSync(join(workDir, path), { force: true });
  if (gone.size > 0) lookAnew();
  return left.filter((state) => !gone.has(state));
}

/**
 * The paths of what a task wrote when it last succeeded, and of what else it wrote that nobody has made
 * or changed since.
 */
export function stillWritten(
  record: TaskRecord,
  workDir: string,
  ownership: Ownership,
): readonly string[] {
  const { written = [], left = [], recordedAt } = record;
  const others = left.filter((state) => isAsLeft(state, recordedAt, workDir, ownership));
  return [...written, ...others.map(({ path }) => path)];
}

/** Every file that a task is known to have written, as it was then, sorted. */
function writtenBefore({ outputs, written, left = [] }: TaskRecord): FileState[] {
  if (written === undefined) return [...left];
  const ofSuccess = new Set(written);
  const later = new Set(left.map(({ path }) => path));
  const others = outputs.filter(({ path }) => ofSuccess.has(path) && !later.has(path));
  return [...others, ...left].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) =>
    folder === '' ? !path.startsWith('../') : path.startsWith(`${folder}/`),
  );
}

function isAsLeft(
  left: FileState,
  seenAt: number,
  workDir: string,
  { isOthers, startedAt }: Ownership,
): boolean {
  const now = refreshedState(workDir, left, seenAt);
  if (!isSameContent(left, now)) return false;
  // Another task may have made the same and not have ended yet.
  const isUntouched = isSameTuple(left, now) || now.ctimeMs < startedAt;
  return isUntouched && !isOthers(left.path);
}
