import { relative } from 'node:path';
import type { Excerpt } from './log-scan.ts';
import { block, type Look } from './look.ts';
import type { TaskLog } from './task-logs.ts';
import { safeName } from './terminal-safe.ts';

/** How much of a log is shown: all of it, or what matters. */
export interface LogChoice {
  readonly isFull: boolean;
  readonly hasFailed: boolean;
}

/** Of the output of a task that went well so many lines at most are shown as they are. */
const shortLines = 16;

/** What a task wrote as far as it is shown, in pieces: few lines whole, of many those that matter. */
export function* logBlocks(log: TaskLog, choice: LogChoice, look: Look): Iterable<string> {
  if (choice.isFull) {
    for (const text of log.fullText()) yield block(look, 'gray', text, '│');
    return;
  }
  const { whole, excerpts } = log;
  const isReport = excerpts[0] !== undefined && excerpts[0].firstLine === undefined;
  const isShort = log.lineCount <= shortLines || choice.hasFailed;
  if (whole !== undefined && isShort && !isReport) {
    yield block(look, 'gray', whole.join('\n'), '│');
    return;
  }
  const style = choice.hasFailed ? 'red' : 'yellow';
  for (const excerpt of excerpts) yield block(look, style, excerptText(excerpt), '│');
  yield block(look, 'gray', restText(log), '│');
}

/** The path of a log as it is shown: from the working directory where that is shorter to read. */
export function logPathText(path: string, look: Look): string {
  const fromHere = relative('', path);
  return look.link(safeName(fromHere.startsWith('..') ? path : fromHere), path);
}

function excerptText({ firstLine, lastLine, lines }: Excerpt): string {
  const text = lines.join('\n');
  if (firstLine === undefined) return text;
  const range = firstLine === lastLine ? `line ${firstLine}` : `lines ${firstLine}-${lastLine}`;
  return `--- ${range} ---\n${text}`;
}

function restText({ lineCount, excerpts, unshownHits, path }: TaskLog): string {
  const shown = excerpts.reduce((sum, { lines }) => sum + lines.length, 0);
  const hits = unshownHits > 0 ? `, ${unshownHits} of them with an error or a warning` : '';
  const more = lineCount - shown;
  const where = path === undefined ? '' : ': --logs shows all';
  return more > 0 ? `… ${more} more ${more === 1 ? 'line' : 'lines'}${hits}${where}` : '';
}
