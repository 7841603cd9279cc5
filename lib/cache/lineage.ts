import { sha256 } from '../base/sha256.ts';

/** An earlier snapshot, and which records have changed since. */
export interface Ancestor {
  readonly snapshot: string;
  /** Digests of what they are now, by the names of their tasks. */
  readonly changed: Readonly<Record<string, string>>;
}

/** More changed records are not told: whoever knows an older snapshot has to look at all anew. */
const mostChanged = 400;

/** Where a snapshot comes from, as text, with a checksum in front. */
export function encodeLineage(snapshot: string, ancestors: readonly Ancestor[]): string {
  const text = JSON.stringify({ snapshot, ancestors });
  return `${sha256(text)} ${text}`;
}

/** What `stored` tells of a snapshot; nothing if it is damaged, or about another one. */
export function decodeLineage(stored: string, snapshot: string): readonly Ancestor[] {
  const [checksum, text] = [stored.slice(0, 64), stored.slice(65)];
  if (checksum !== sha256(text)) return [];
  const told = JSON.parse(text) as { snapshot: string; ancestors: readonly Ancestor[] };
  return told.snapshot === snapshot ? told.ancestors : [];
}

/**
 * The ancestors of a snapshot that takes the place of another one.
 *
 * @param before The other one, with all that has changed since.
 * @param ancestors Those of the other one.
 */
export function descended(before: Ancestor, ancestors: readonly Ancestor[]): readonly Ancestor[] {
  const older = ancestors.map(({ snapshot, changed }) => ({
    snapshot,
    changed: { ...changed, ...before.changed },
  }));
  let left = mostChanged;
  return [before, ...older].filter(({ changed }) => {
    left -= Object.keys(changed).length;
    return left >= 0;
  });
}
