import { durationText } from '../duration-text.ts';
import type { ReportStay } from '../report-model.ts';
import { button, html } from './dom.ts';
import { markOf, type Page, stateText, type View } from './view.ts';

const mostLinks = 60;

/** All that is known of the selected task. */
export function detailView(page: Page): View {
  const element = html('aside', { id: 'detail', hidden: true, 'aria-live': 'polite' });
  return {
    element,
    select(task) {
      element.hidden = task === undefined;
      element.replaceChildren(...(task === undefined ? [] : partsOf(page, task)));
    },
  };
}

function partsOf(page: Page, index: number): Node[] {
  const task = page.model.tasks[index];
  if (task === undefined) return [];
  const {
    tookMs,
    estimateMs,
    startMs,
    args,
    place,
    note,
    log,
    reasons,
    isGroup,
    stays = [],
  } = task;
  const facts: (readonly [string, string | undefined])[] = [
    ['State', `${markOf(task)} ${stateText(task)}`],
    ['Took', tookMs === undefined || isGroup ? undefined : durationText(tookMs)],
    ['Before', estimateMs === undefined ? undefined : durationText(estimateMs)],
    ['Began', startMs === undefined ? undefined : `+ ${durationText(startMs)}`],
    [
      'Ran in',
      stays.length > 0 ? stays.map((stay) => processText(page, stay)).join('\n') : undefined,
    ],
    [
      'Arguments',
      args &&
        Object.entries(args)
          .map((each) => each.join('='))
          .join(' '),
    ],
    ['Defined', place],
    ['Why it ran', reasons.length > 0 ? reasons.join('\n') : undefined],
  ];
  return [
    button('×', 'Close', () => page.select(undefined)),
    html('h2', {}, task.name),
    html(
      'dl',
      {},
      ...facts.flatMap(([title, value]) =>
        value === undefined ? [] : [html('dt', {}, title), html('dd', {}, value)],
      ),
    ),
    ...block('What happened', note, `note t-${task.state}`),
    ...links(page, 'Needs', task.deps),
    ...links(page, 'Needed by', page.dependants[index] ?? []),
    ...block('Log', log, 'log'),
  ];
}

function processText({ model }: Page, { row, pid }: ReportStay): string {
  return `${model.rows[row]}, process ${pid}`;
}

function block(title: string, text: string | undefined, className: string): Node[] {
  if (text === undefined || text === '') return [];
  return [html('h3', {}, title), html('pre', { class: className }, text)];
}

function links(page: Page, title: string, tasks: readonly number[]): Node[] {
  if (tasks.length === 0) return [];
  const shown = tasks.slice(0, mostLinks).map((index) => {
    const task = page.model.tasks[index];
    const label = task === undefined ? '' : `${markOf(task)} ${task.name}`;
    return button(label, `Select ${task?.name ?? ''}`, () => page.select(index));
  });
  const more = tasks.length - shown.length;
  const rest = more > 0 ? [html('span', { class: 'hint' }, `and ${more} more`)] : [];
  return [html('h3', {}, title), html('div', { class: 'links' }, ...shown, ...rest)];
}
