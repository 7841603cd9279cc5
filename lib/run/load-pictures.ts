import type { RunEvent } from '../model/run-event.ts';
import type { FileViewFacts, FileViews } from './file-views.ts';

/** Begins to make pictures: what it returns takes every event. */
export type Pictures = (facts: FileViewFacts) => (event: RunEvent) => void;

/** What makes the pictures that are asked for; loaded only then, since most builds have none. */
export async function loadPictures(files: FileViews): Promise<Pictures | undefined> {
  if (Object.values(files).every((file) => file === undefined)) return undefined;
  const { fileViews } = await import('./file-views.ts');
  return (facts) => fileViews(files, facts);
}
