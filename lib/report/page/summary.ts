import { durationText } from '../duration-text.ts';
import type { ReportTask } from '../report-model.ts';
import { button, html } from './dom.ts';
import type { Page } from './view.ts';

/** What came out, and what held it up. */
export function summaryView(page: Page): HTMLElement {
  const { tasks, tookMs, chainMs, slotCount } = page.model;
  const own = tasks.filter(({ isGroup }) => !isGroup);
  const count = (state: string): number => own.filter((task) => task.state === state).length;
  const workMs = own.reduce((sum, task) => sum + (task.tookMs ?? 0), 0);
  const cards: (readonly [string, string, string])[] = [
    ['took', durationText(tookMs), ''],
    ['ran', String(count('succeeded')), 't-succeeded'],
    ['up to date', String(count('up-to-date') + count('skipped')), ''],
    ['failed', String(count('failed')), count('failed') > 0 ? 't-failed' : ''],
    ['not run', String(count('dependency-failed') + count('cancelled')), ''],
    ['longest chain of deps', durationText(chainMs), ''],
    [`work, by ${slotCount} slots`, durationText(workMs / slotCount), ''],
  ];
  return html(
    'section',
    { id: 'summary' },
    html(
      'div',
      { class: 'cards' },
      ...cards.map(([title, value, className]) =>
        html('div', { class: `card ${className}` }, html('b', {}, value), html('span', {}, title)),
      ),
    ),
    ...adviceOf(page, workMs),
  );
}

function adviceOf(page: Page, workMs: number): Node[] {
  const { critical, advice, tasks } = page.model;
  if (critical.length === 0) return [];
  const why = reasonFor(page, workMs);
  const items = advice.map(({ task, savesMs }) =>
    html('li', {}, `up to ${durationText(savesMs)} without `, link(page, task, tasks[task])),
  );
  const chain = critical.flatMap(({ task, after }) => {
    const arrow = after === 'turn' ? html('span', { title: turnTitle }, ' ⇢ ') : ' → ';
    const took = ` ${durationText(tasks[task]?.tookMs ?? 0)}`;
    return [...(after === undefined ? [] : [arrow]), link(page, task, tasks[task]), took];
  });
  return [
    html('h2', {}, 'What would shorten the build'),
    html('p', { class: 'hint' }, why),
    html('ol', { class: 'advice' }, ...items),
    html(
      'p',
      { class: 'chain' },
      'What it had to wait for, one after the other (→ a dep, ⇢ a slot or a lock): ',
      ...chain,
    ),
  ];
}

/** What the time of the whole is most like. */
function reasonFor({ model }: Page, workMs: number): string {
  const { tookMs, chainMs, slotCount } = model;
  const sharedMs = workMs / slotCount;
  if (tookMs > 1.3 * Math.max(chainMs, sharedMs)) {
    return 'Neither the work nor the longest chain of deps takes that long: tasks had to wait for slots or locks.';
  }
  return chainMs >= sharedMs
    ? 'The longest chain of deps holds the build up more than the number of slots.'
    : 'There is more work than the slots could do in the time of the longest chain of deps: more slots, or less work, would help.';
}

const turnTitle = 'got a slot or a lock when that ended';

function link(page: Page, index: number, task: ReportTask | undefined): Node {
  const name = task?.name ?? '';
  return button(name, `Select ${name}`, () => page.select(index));
}
