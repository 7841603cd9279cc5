import { relative } from 'node:path';

/** Where in the user's code something was written. `file` is absolute; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `parprocfile.ts:12:6`, relative to the working directory where that is shorter to read. */
export function placeText(place: Place): string {
  const fromHere = relative('', place.file);
  const file = fromHere.startsWith('..') ? place.file : fromHere;
  return `${file}:${place.line}:${place.column}`;
}
