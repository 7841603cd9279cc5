import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import type { UnsureReason } from '../model/stale-reason.ts';
import type { FileState } from './verdict.ts';

/** What is kept of one task between runs. */
export interface TaskRecord {
  readonly schema: typeof schema;
  readonly definition: string;
  /** Digests of what the definition is made of, to tell what has changed in it. */
  readonly parts: DefinitionParts;
  readonly args: Readonly<Record<string, string>>;
  /** Digests of the declared environment variables, by name. */
  readonly env: Readonly<Record<string, string>>;
  /** Digests of the params that were read, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly inputs: readonly FileState[];
  /** Files and folders that the task has found out it reads; absent if there are none. */
  readonly discovered?: readonly string[];
  /** Outcome digests of the deps, sorted by name. */
  readonly deps: readonly (readonly [name: string, digest: string])[];
  readonly outputs: readonly FileState[];
  /** Those of the outputs that the task wrote through `ctx.dest()`, declared or not; absent if there are none. */
  readonly written?: readonly string[];
  /** What it wrote so earlier, or without success since, and what is still there; absent if there is nothing. */
  readonly left?: readonly FileState[];
  /** The result; absent if it was undefined. */
  readonly value?: unknown;
  /** The digest of what it came to; empty if it never succeeded. */
  readonly outcome: string;
  /** Milliseconds of the last successes, newest first. */
  readonly durations: readonly number[];
  /** False from the start of a run of the task until a success that can be relied on. */
  readonly finished: boolean;
  /** Why its last success cannot be relied on; absent if it can, or if it did not succeed. */
  readonly unsure?: UnsureReason;
  /** Milliseconds since 1970; files as young as this are compared by content. */
  readonly recordedAt: number;
}

/** The first twelve digits of each digest: they explain, and never decide. */
export interface DefinitionParts {
  readonly action: string;
  readonly declaration: string;
  readonly platform: string;
  /** The key of a listing that is kept beside the records. */
  readonly modules: string;
  readonly globals: string;
}

/** Grows by one whenever the shape or the meaning of records changes. */
export const schema = 7;
/** How many durations a record keeps. */
export const keptDurations = 10;

/** The record of a task as text, with a checksum of it and the name in front. */
export function encodeRecord(name: string, record: TaskRecord): string {
  const text = canonicalJson(record);
  return `${sha256(name + text)} ${text}`;
}

/** The record in `stored`, or undefined if it is damaged, of another task or of another version. */
export function decodeRecord(name: string, stored: string): TaskRecord | undefined {
  const space = stored.indexOf(' ');
  const text = stored.slice(space + 1);
  if (space === -1 || stored.slice(0, space) !== sha256(name + text)) return undefined;
  try {
    const record = JSON.parse(text) as TaskRecord;
    return record.schema === schema ? record : undefined;
  } catch {
    return undefined;
  }
}
