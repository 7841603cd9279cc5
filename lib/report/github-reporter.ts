import type { Reporter, RunEvent } from '../model/run-event.ts';
import { failureText } from './failure-text.ts';
import type { GithubMarks } from './github-marks.ts';
import { type PlainOptions, plainReporter } from './plain-reporter.ts';
import { safeName, safeText } from './terminal-safe.ts';

/**
 * Lines as everywhere, for the log of GitHub Actions: what a task wrote that went well is folded, a
 * failure is an annotation at the place where the task is defined, and nothing that tasks write or
 * are called is taken for a command.
 */
export function githubReporter(options: PlainOptions, marks: GithubMarks): Reporter {
  const { write } = options;
  let isHeld = false;
  let held = '';
  const flush = (): void => {
    if (held !== '') write(marks.inert(held));
    held = '';
  };
  /** Folds the indented lines at the end under the one before them. */
  function fold(): void {
    const lines = held.split('\n').slice(0, -1);
    const at = lines.findLastIndex((line) => !line.startsWith('  '));
    const head = lines[at];
    if (head === undefined || at === lines.length - 1) return;
    held = lines
      .slice(0, at)
      .map((line) => `${line}\n`)
      .join('');
    flush();
    write(marks.group(head));
    write(marks.inert(`${lines.slice(at + 1).join('\n')}\n`));
    write(marks.endGroup);
  }
  const show = plainReporter({
    ...options,
    write(text) {
      held += text;
      if (!isHeld || held.length > mostHeld) flush();
    },
  });
  return (event) => {
    isHeld = true;
    show(event);
    isHeld = false;
    if (isGood(event)) fold();
    flush();
    const note = annotationOf(event, marks);
    if (note !== undefined) write(note);
  };
}

/** So that a log of any length can go through. */
const mostHeld = 1024 * 1024;

function isGood(event: RunEvent): boolean {
  return event.event === 'task-ended' && event.state.kind !== 'failed';
}

function annotationOf(event: RunEvent, marks: GithubMarks): string | undefined {
  if (event.event === 'warning') return marks.warning(safeName(event.text));
  if (event.event !== 'task-ended' || event.state.kind !== 'failed') return undefined;
  const text = safeText(failureText(event.state.failure), false);
  return marks.failure(`${safeName(event.task)} failed`, text, event.place);
}
