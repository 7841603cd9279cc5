import { CodeDigests } from './code-digests.ts';
import { editionOf, wholeHeadIn } from './edition.ts';
import { LastLooks } from './last-looks.ts';
import { isMarked } from './lock-marker.ts';
import { StoreCopy } from './store-copy.ts';
import type { CacheOptions } from './task-cache.ts';
import { trackedImports } from './tracked-imports.ts';

/** What is needed to tell whether tasks are as they were when they were last looked at. */
export interface StillRecords {
  readonly looks: LastLooks;
  /** Whether no other build has been at work since: only then does it count what the looks have told. */
  isStill(): boolean;
}

/**
 * What there is to tell that with, without any record being read; undefined while another build is under way.
 *
 * @param file The store's file, absolute.
 */
export function stillRecords(file: string, options: CacheOptions): StillRecords | undefined {
  const lock = `${file}.lock`;
  if (isMarked(lock)) return undefined;
  const copy = new StoreCopy(file);
  const copied = copy.read();
  const head = copied && wholeHeadIn(copied.texts);
  if (copied === undefined || head === undefined) return undefined;
  const edition = editionOf(head, copied.texts);
  const { workDir, globalInputs, globalIgnore = [], imports, clock } = options;
  const looks = new LastLooks({
    edition: () => edition,
    record: () => undefined,
    keptRecord: () => undefined,
    code: new CodeDigests({ ...options, globalInputs, listings: undefined }),
    imports:
      imports === undefined ? () => undefined : trackedImports(imports, { workDir, clock }).of,
    ignoresFiles: globalIgnore.length > 0,
    clock,
  });
  return { looks, isStill: () => !isMarked(lock) && copy.isStill(copied.stamp) };
}
