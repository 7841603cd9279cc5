import type { ReportModel, ReportTask } from '../report-model.ts';

/** A part of the page that shows tasks. */
export interface View {
  readonly element: HTMLElement;
  /** Another task is selected, or none. */
  select(task: number | undefined): void;
  /** Other tasks are looked for; what does not match is shown less or not at all. */
  filter?(matches: ReadonlySet<number>): void;
}

/** What the parts of the page share. */
export interface Page {
  readonly model: ReportModel;
  readonly critical: ReadonlySet<number>;
  /** `DEP TASK` for each dep on the critical path. */
  readonly criticalDeps: ReadonlySet<string>;
  readonly dependants: readonly (readonly number[])[];
  select(task: number | undefined): void;
}

const marks: Readonly<Record<string, string>> = {
  succeeded: '✔',
  'up-to-date': '=',
  restored: '↺',
  skipped: '↷',
  failed: '✖',
  'dependency-failed': '⊘',
  cancelled: '⊘',
  running: '▶',
  wanted: '·',
  'would-run': '▷',
  'would-restore': '↺',
  'may-run': '?',
};

/** The character that stands for a state everywhere. */
export function markOf({ state }: ReportTask): string {
  return marks[state] ?? '?';
}

/** The state in words. */
export function stateText({ state, isGroup }: ReportTask): string {
  const words: Readonly<Record<string, string>> = {
    'up-to-date': 'up to date',
    'dependency-failed': 'not run',
    wanted: 'not begun',
    'would-run': 'would run',
    'would-restore': 'would be restored',
    'may-run': 'may run',
  };
  return `${words[state] ?? state}${isGroup ? ' (groups others)' : ''}`;
}
