import { durationText } from '../duration-text.ts';
import type { ReportTask } from '../report-model.ts';
import { button, html, taskAt } from './dom.ts';
import { markOf, type Page, stateText, type View } from './view.ts';

/** So many rows are made at a time; more when one comes near the end. */
const pageRows = 150;

interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  /** What rows are sorted by; large first. */
  readonly keyOf: (task: ReportTask, index: number) => number | string;
  readonly cellOf: (task: ReportTask) => Node | string;
}

const rank: Readonly<Record<string, number>> = {
  failed: 6,
  'dependency-failed': 5,
  cancelled: 4,
  succeeded: 3,
  skipped: 2,
  'would-run': 3,
  'may-run': 2,
  'would-restore': 1,
  restored: 1,
};

const columns: readonly Column[] = [
  {
    title: 'State',
    keyOf: ({ state }) => rank[state] ?? 0,
    cellOf: (task) =>
      html('span', { class: `state t-${task.state}` }, `${markOf(task)} ${stateText(task)}`),
  },
  { title: 'Task', keyOf: ({ name }) => name, cellOf: ({ name }) => name },
  {
    title: 'Took',
    isNumber: true,
    keyOf: ({ tookMs = -1 }) => tookMs,
    cellOf: ({ tookMs, isGroup }) => (tookMs === undefined || isGroup ? '' : durationText(tookMs)),
  },
  {
    title: 'Before',
    isNumber: true,
    keyOf: ({ estimateMs = -1 }) => estimateMs,
    cellOf: ({ estimateMs }) => (estimateMs === undefined ? '' : durationText(estimateMs)),
  },
  { title: 'Change', isNumber: true, keyOf: changeOf, cellOf: changeCell },
  {
    title: 'Began',
    isNumber: true,
    keyOf: ({ startMs = -1 }) => startMs,
    cellOf: ({ startMs, isGroup }) =>
      startMs === undefined || isGroup ? '' : `+ ${durationText(startMs)}`,
  },
  {
    title: 'Why',
    keyOf: ({ reasons, note }) => reasons[0] ?? note ?? '',
    cellOf: whyOf,
  },
];

/** All tasks, sorted and filtered. */
export function tableView(page: Page): View & { readonly order: () => readonly number[] } {
  const { tasks } = page.model;
  const body = html('tbody');
  const count = html('span', { class: 'hint' });
  const head = html('tr');
  const rows = new Map<number, HTMLTableRowElement>();
  let matches: ReadonlySet<number> = new Set(tasks.keys());
  let sorted = { column: 0, isUp: false };
  let order: number[] = [];
  let made = 0;
  let selected: number | undefined;

  function arrange(): void {
    const column = columns[sorted.column];
    if (column === undefined) return;
    const keyed = [...matches].map((index) => {
      const task = tasks[index];
      return { index, key: task === undefined ? '' : column.keyOf(task, index) };
    });
    const sign = sorted.isUp ? 1 : -1;
    keyed.sort((a, b) => sign * compared(a.key, b.key) || a.index - b.index);
    order = keyed.map(({ index }) => index);
    const all = `${tasks.length} task${tasks.length === 1 ? '' : 's'}`;
    const isSome = order.length < tasks.length;
    count.textContent =
      order.length === 0 && isSome
        ? `None of ${all} matches.`
        : isSome
          ? `${order.length} of ${all}`
          : all;
    rows.clear();
    body.replaceChildren();
    made = 0;
    makeRows(pageRows);
  }

  function makeRows(upTo: number): void {
    const end = Math.min(Math.max(upTo, made), order.length);
    for (const index of order.slice(made, end)) {
      const task = tasks[index];
      if (task === undefined) continue;
      const cells = columns.map(({ isNumber, cellOf }) =>
        html('td', { class: isNumber === true ? 'number' : undefined }, cellOf(task)),
      );
      const isSelected = index === selected;
      const row = html('tr', { 'data-task': index, 'aria-selected': isSelected }, ...cells);
      rows.set(index, row);
      body.append(row);
    }
    made = end;
  }

  function markSorted(): void {
    for (const [at, cell] of [...head.children].entries()) {
      if (at !== sorted.column) cell.removeAttribute('aria-sort');
      else cell.setAttribute('aria-sort', sorted.isUp ? 'ascending' : 'descending');
    }
  }

  for (const [at, { title, isNumber }] of columns.entries()) {
    const sort = button(title, `Sort by ${title.toLowerCase()}`, () => {
      sorted = { column: at, isUp: sorted.column === at ? !sorted.isUp : title === 'Task' };
      arrange();
      markSorted();
    });
    head.append(html('th', { class: isNumber === true ? 'number' : undefined }, sort));
  }
  markSorted();
  body.addEventListener('click', (event) => page.select(taskAt(event)));
  const end = html('div', { class: 'end' });
  new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) makeRows(made + pageRows);
    },
    { rootMargin: '600px' },
  ).observe(end);
  arrange();
  return {
    element: html(
      'section',
      { id: 'tasks' },
      html('h2', {}, 'Tasks'),
      count,
      html('table', {}, html('thead', {}, head), body),
      end,
    ),
    order: () => order,
    select(task) {
      if (selected !== undefined) rows.get(selected)?.removeAttribute('aria-selected');
      selected = task;
      if (task === undefined) return;
      const at = order.indexOf(task);
      if (at >= made) makeRows(at + pageRows);
      const row = rows.get(task);
      row?.setAttribute('aria-selected', 'true');
    },
    filter(found) {
      matches = found;
      arrange();
    },
  };
}

function compared(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** What came of it if that is not plain, and why it ran. */
function whyOf({ reasons, note = '' }: ReportTask): string {
  const parts = [note.split('\n')[0] ?? '', reasons.join(', ')];
  return parts.filter((part) => part !== '').join(' · ');
}

/** How many times as long as before. */
function changeOf({ tookMs, estimateMs, isGroup }: ReportTask): number {
  if (tookMs === undefined || estimateMs === undefined || isGroup || estimateMs < 1) return 0;
  return tookMs / estimateMs;
}

function changeCell(task: ReportTask): Node | string {
  const factor = changeOf(task);
  if (factor === 0) return '';
  const percent = Math.round((factor - 1) * 100);
  const text = `${percent > 0 ? '+' : percent < 0 ? '−' : ''}${Math.abs(percent)} %`;
  const isMuch = factor > 1.3 && (task.tookMs ?? 0) > 100;
  return isMuch ? html('span', { class: 't-failed' }, text) : text;
}
