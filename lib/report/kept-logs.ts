import type { RunEvent } from '../model/run-event.ts';
import type { TaskLog } from './task-logs.ts';
import { safeText } from './terminal-safe.ts';

/** Of one log the end is kept, in characters. */
const mostOfOne = 16 * 1024;
const mostOfAll = 16 * 1024 * 1024;

/** The ends of logs, for a page that shows them: as much as a page can bear. */
export class KeptLogs {
  readonly #texts = new Map<number, Map<string, string>>();
  #length = 0;

  keep(event: Extract<RunEvent, { event: 'task-ended' }>, log: TaskLog | undefined): void {
    if (log === undefined || log.lineCount === 0 || this.#length > mostOfAll) return;
    let text = '';
    let isCut = false;
    for (const piece of log.fullText()) {
      text += piece;
      if (text.length <= mostOfOne) continue;
      isCut = true;
      text = text.slice(-mostOfOne);
    }
    const texts = this.#texts.get(event.run) ?? new Map<string, string>();
    this.#texts.set(event.run, texts);
    const lines = isCut ? `…\n${text.slice(text.indexOf('\n') + 1)}` : text;
    const shown = safeText(lines, false);
    this.#length += shown.length - (texts.get(event.task)?.length ?? 0);
    texts.set(event.task, shown);
  }

  /** What is kept of a log. */
  of(run: number, task: string): string | undefined {
    return this.#texts.get(run)?.get(task);
  }

  /** Forgets the logs of all runs but `runs`. */
  keepOnly(runs: { has(run: number): boolean }): void {
    for (const [run, texts] of this.#texts) {
      if (runs.has(run)) continue;
      this.#texts.delete(run);
      for (const text of texts.values()) this.#length -= text.length;
    }
  }
}
