import { sha256 } from '../base/sha256.ts';

/** What says which of the texts in a store count. */
export interface Head {
  /** The checksum of the snapshot that it goes with; empty if there is none. */
  readonly snapshot: string;
  /** Tasks whose record counts instead of the snapshot; undefined: no record of the snapshot counts. */
  readonly beside: readonly string[] | undefined;
}

/** A head as text, with a checksum in front. */
export function encodeHead(head: Head): string {
  const text = JSON.stringify(head);
  return `${sha256(text)} ${text}`;
}

/** The head in `stored`; undefined if it is damaged. */
export function decodeHead(stored: string): Head | undefined {
  const [checksum = '', text = ''] = [stored.slice(0, 64), stored.slice(65)];
  return checksum === sha256(text) ? (JSON.parse(text) as Head) : undefined;
}
