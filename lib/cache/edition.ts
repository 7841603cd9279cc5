import { sha256 } from '../base/sha256.ts';
import { decodeHead, type Head } from './head.ts';
import { type Ancestor, decodeLineage } from './lineage.ts';

/** Which records there are: two of the same are equal. */
export interface RecordsEdition {
  /** The checksum of the snapshot. */
  readonly snapshot: string;
  /** Digests of the records that count instead of those in the snapshot, by the names of their tasks. */
  readonly beside: ReadonlyMap<string, string>;
  /** Earlier snapshots, in which most records are the same. */
  readonly ancestors: readonly Ancestor[];
}

/** Under which a store has what a snapshot comes from. */
export const lineageKey = '[lineage]';

/** Tells a record from others that its task may have had. */
export function recordDigest(text: string | undefined): string {
  return sha256(text ?? '').slice(0, 16);
}

/**
 * Digests of the records that may be others than those in a snapshot, which may be an earlier one; undefined if
 * it is not known.
 */
export function changedSince(
  edition: RecordsEdition,
  snapshot: string,
): ReadonlyMap<string, string> | undefined {
  if (snapshot === edition.snapshot) return edition.beside;
  const ancestor = edition.ancestors.find((each) => each.snapshot === snapshot);
  return ancestor && new Map([...Object.entries(ancestor.changed), ...edition.beside]);
}

/** A head whose snapshot counts. */
export type WholeHead = Head & { readonly beside: readonly string[] };

/** Under which a store has its head: no task has such a name. */
export const headKey = '[head]';

/** The head among texts of a store, if its snapshot counts. */
export function wholeHeadIn(texts: ReadonlyMap<string, string>): WholeHead | undefined {
  const head = decodeHead(texts.get(headKey) ?? '');
  if (head?.beside === undefined) return undefined;
  return { snapshot: head.snapshot, beside: head.beside };
}

/** Which records there are, from texts of a store that hold all that do not stand in the snapshot. */
export function editionOf(
  { snapshot, beside }: WholeHead,
  texts: ReadonlyMap<string, string>,
): RecordsEdition {
  return {
    snapshot,
    beside: new Map(beside.map((name) => [name, recordDigest(texts.get(name))])),
    ancestors: decodeLineage(texts.get(lineageKey) ?? '', snapshot),
  };
}
