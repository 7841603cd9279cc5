import type { TaskRecord } from './record.ts';
import type { Observation } from './verdict.ts';

/**
 * What a full check would have seen of a task of which a quicker look has told that it is up to date.
 *
 * @param globalsDigest The digest of the files that count for all tasks, as they were then.
 * @param seenAt When that was, in milliseconds since 1970.
 */
export function keptObservation(
  record: TaskRecord,
  globalsDigest: string,
  seenAt: number,
): Observation {
  return {
    definitionDigest: record.definition,
    parts: record.parts,
    globalsDigest,
    deps: new Map(record.deps),
    changedDeps: [],
    env: {},
    inputs: record.inputs,
    discovered: [],
    seenAt,
  };
}
