import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { GraphFormat } from '../model/graph-format.ts';
import type { RunEvent } from '../model/run-event.ts';
import { graphText } from '../report/graph-text.ts';
import { KeptLogs } from '../report/kept-logs.ts';
import { reportModel } from '../report/report-model.ts';
import { reportPage } from '../report/report-page.ts';
import { Story } from '../report/story.ts';
import type { TaskLog } from '../report/task-logs.ts';
import { timelineText } from '../report/timeline-text.ts';

/** Pictures that are asked for, by file name; relative ones from where the command was typed. */
export interface FileViews {
  readonly timeline: string | undefined;
  readonly graph: { readonly file: string; readonly format: GraphFormat } | undefined;
  /** The page of `--report`. */
  readonly report: string | undefined;
}

/** What pictures are made from beside the events. */
export interface FileViewFacts {
  /** Where relative file names begin. */
  readonly startDir: string;
  readonly workDir: string;
  readonly slotCount: number;
  /** Now, for people. */
  readonly dateText: () => string;
  /** The log of the task that has just ended. */
  readonly logOf: (event: Extract<RunEvent, { event: 'task-ended' }>) => TaskLog | undefined;
  /** Told why a file could not be written; the build goes on. */
  readonly onTrouble: (text: string) => void;
}

/**
 * Writes pictures of the runs of this process whenever one has ended.
 *
 * @returns Takes every event.
 */
export function fileViews(views: FileViews, facts: FileViewFacts): (event: RunEvent) => void {
  const { timeline, graph, report } = views;
  const story = new Story();
  const logs = new KeptLogs();
  const write = (file: string, textOf: () => string): void => {
    try {
      writeWhole(resolve(facts.startDir, file), textOf());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      facts.onTrouble(`${file} was not written: ${why}.`);
    }
  };
  const page = (): string =>
    reportPage(
      reportModel(story, {
        title: `${basename(facts.workDir)}: build`,
        madeAt: facts.dateText(),
        slotCount: facts.slotCount,
        logOf: (run, name) => logs.of(run, name),
      }),
    );
  return (event) => {
    story.take(event);
    if (event.event === 'run-started') logs.keepOnly(story.runs);
    if (report !== undefined && event.event === 'task-ended') logs.keep(event, facts.logOf(event));
    if (event.event !== 'run-ended' && event.event !== 'dry-run-ended') return;
    if (timeline !== undefined) write(timeline, () => timelineText(story));
    if (graph !== undefined) write(graph.file, () => graphText(story, graph.format));
    if (report !== undefined) write(report, page);
  };
}

/** Nobody sees a part of the file, and a link in its place is replaced, not followed. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, text, { flag: 'wx' });
  renameSync(fresh, file);
}
