import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { GraphFormat } from '../model/graph-format.ts';
import type { RunEvent } from '../model/run-event.ts';
import { graphText } from '../report/graph-text.ts';
import { Story } from '../report/story.ts';
import { timelineText } from '../report/timeline-text.ts';

/** Pictures that are asked for, by file name; relative ones from where the command was typed. */
export interface FileViews {
  readonly timeline: string | undefined;
  readonly graph: { readonly file: string; readonly format: GraphFormat } | undefined;
}

/**
 * Writes pictures of all runs of this process whenever one has ended.
 *
 * @param startDir Where relative file names begin.
 * @param onTrouble Told why a file could not be written; the build goes on.
 * @returns Takes every event.
 */
export function fileViews(
  { timeline, graph }: FileViews,
  startDir: string,
  onTrouble: (text: string) => void,
): (event: RunEvent) => void {
  if (timeline === undefined && graph === undefined) return () => undefined;
  const story = new Story();
  const write = (file: string, text: string): void => {
    try {
      writeWhole(resolve(startDir, file), text);
    } catch (error) {
      onTrouble(`${file} was not written: ${error instanceof Error ? error.message : error}.`);
    }
  };
  return (event) => {
    story.take(event);
    if (event.event !== 'run-ended') return;
    if (timeline !== undefined) write(timeline, timelineText(story));
    if (graph !== undefined) write(graph.file, graphText(story, graph.format));
  };
}

/** Nobody sees a part of the file, and a link in its place is replaced, not followed. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, text, { flag: 'wx' });
  renameSync(fresh, file);
}
