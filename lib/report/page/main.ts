import type { ReportModel } from '../report-model.ts';
import { detailView } from './detail.ts';
import { button, html } from './dom.ts';
import { graphView } from './graph.ts';
import { summaryView } from './summary.ts';
import { tableView } from './table.ts';
import { timelineView } from './timeline.ts';
import type { Page, View } from './view.ts';

const model = JSON.parse(document.querySelector('#model')?.textContent ?? '') as ReportModel;
const views: View[] = [];
let selected: number | undefined;

const page: Page = {
  model,
  critical: new Set(model.critical.map(({ task }) => task)),
  criticalDeps: new Set(
    model.critical.flatMap(({ task, after }, at) =>
      after === 'dep' ? [`${model.critical[at - 1]?.task} ${task}`] : [],
    ),
  ),
  dependants: dependantsOf(model),
  select(task) {
    selected = task;
    inPlace(task, () => {
      for (const view of views) view.select(task);
    });
  },
};
const table = tableView(page);
views.push(timelineView(page), graphView(page), table, detailView(page));

const search = html('input', {
  type: 'search',
  placeholder: 'Search names, states, reasons, logs  ( / )',
  'aria-label': 'Search tasks',
});
const texts = model.tasks.map(({ name, state, reasons, note, args, log }) =>
  [name, state, ...reasons, note, ...Object.values(args ?? {}), log].join('\n').toLowerCase(),
);
search.addEventListener('input', () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = new Set<number>();
  for (const [index, text] of texts.entries()) {
    if (words.every((word) => text.includes(word))) matches.add(index);
  }
  for (const view of views) view.filter?.(matches);
});

const help = html(
  'dialog',
  {},
  html('h2', {}, 'Keys'),
  html(
    'pre',
    {},
    '/      search\n↓ ↑    next or previous task (also j k)\nEsc    close, empty the search\n+ − 0  zoom the timeline, when it has the focus\nt      dark or light\n?      this',
  ),
  button('Close', 'Close', () => help.close()),
);
const root = document.documentElement;

function turn(): void {
  root.dataset['theme'] = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
}

function step(by: number): void {
  const order = table.order();
  const at = selected === undefined ? -1 : order.indexOf(selected);
  const next = order[Math.min(Math.max(at + by, 0), order.length - 1)];
  page.select(next);
  document.querySelector('tr[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
}

const keys: Readonly<Record<string, () => void>> = {
  '/': () => search.focus(),
  ArrowDown: () => step(1),
  j: () => step(1),
  ArrowUp: () => step(-1),
  k: () => step(-1),
  t: turn,
  '?': () => help.showModal(),
};
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target === search;
  if (event.key === 'Escape') {
    if (isTyping && search.value !== '') {
      search.value = '';
      search.dispatchEvent(new Event('input'));
    } else page.select(undefined);
    search.blur();
    return;
  }
  if (isTyping && !event.key.startsWith('Arrow')) return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

root.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
document.body.append(
  html(
    'header',
    {},
    html('h1', {}, model.title),
    html('span', { class: 'hint' }, model.madeAt),
    search,
    button('◐', 'Dark or light', turn),
    button('?', 'Keys', () => help.showModal()),
  ),
  html('main', {}, summaryView(page), ...views.map(({ element }) => element)),
  help,
);

/** What one looks at stays where it is, although the panel takes room and text above is wrapped anew. */
function inPlace(task: number | undefined, change: () => void): void {
  const row = document.querySelector(`tr[data-task="${task}"]`);
  const seen = isVisible(row) ? row : document.elementFromPoint(40, innerHeight / 2);
  const before = topOf(seen);
  change();
  if (seen?.isConnected === true) scrollBy(0, topOf(seen) - before);
}

function isVisible(element: Element | null): boolean {
  return element !== null && topOf(element) >= 0 && topOf(element) < innerHeight;
}

function topOf(element: Element | null): number {
  return element?.getBoundingClientRect().top ?? 0;
}

function dependantsOf({ tasks }: ReportModel): number[][] {
  const dependants: number[][] = tasks.map(() => []);
  for (const [index, { deps }] of tasks.entries()) {
    for (const dep of deps) dependants[dep]?.push(index);
  }
  return dependants;
}
