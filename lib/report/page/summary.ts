import { durationText } from '../duration-text.ts';
import type { ReportTask } from '../report-model.ts';
import { button, html } from './dom.ts';
import type { Page } from './view.ts';

/** What saves less of the whole is not worth a line. */
const leastShare = 0.01;
/** So many steps are shown at once. */
const fewSteps = 12;

/** What came out, and what held it up. */
export function summaryView(page: Page): HTMLElement {
  const own = page.model.tasks.filter(({ isGroup }) => !isGroup);
  const workMs = own.reduce((sum, task) => sum + (task.tookMs ?? 0), 0);
  const cards = page.model.isForecast ? forecastCards(page, own) : cardsOf(page, own, workMs);
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

type Card = readonly [title: string, value: string, className: string];

function cardsOf({ model }: Page, own: readonly ReportTask[], workMs: number): Card[] {
  const { tookMs, chainMs, slotCount } = model;
  const [ran, failed] = [count(own, 'succeeded'), count(own, 'failed')];
  const savedMs = pastMs(own, 'up-to-date', 'restored');
  const cards: Card[] = [
    ['took', durationText(tookMs), ''],
    ['ran', String(ran), ran > 0 ? 't-succeeded' : ''],
    ['up to date', String(count(own, 'up-to-date', 'restored', 'skipped')), ''],
    ['failed', String(failed), failed > 0 ? 't-failed' : ''],
    ['not run', String(count(own, 'dependency-failed', 'cancelled', 'wanted')), ''],
  ];
  if (savedMs >= 1) cards.push(['of work not done again', durationText(savedMs), '']);
  if (workMs > 0) {
    cards.push(['longest chain of deps', durationText(chainMs), '']);
    cards.push([`work shared by ${slotsText(slotCount)}`, durationText(workMs / slotCount), '']);
  }
  return cards;
}

/** Of a dry run. */
function forecastCards({ model }: Page, own: readonly ReportTask[]): Card[] {
  const { slotCount } = model;
  const dueMs = pastMs(own, 'would-run', 'may-run');
  const cards: Card[] = [
    ['would run', String(count(own, 'would-run')), ''],
    ['may run', String(count(own, 'may-run')), ''],
    ['would be restored', String(count(own, 'would-restore')), ''],
    ['up to date', String(count(own, 'up-to-date')), ''],
  ];
  if (dueMs < 1) return cards;
  const shared = `work as it was before, shared by ${slotsText(slotCount)}`;
  return [...cards, [shared, durationText(dueMs / slotCount), '']];
}

function count(tasks: readonly ReportTask[], ...states: readonly string[]): number {
  return tasks.filter(({ state }) => states.includes(state)).length;
}

/** How long tasks in these states took before. */
function pastMs(tasks: readonly ReportTask[], ...states: readonly string[]): number {
  return tasks
    .filter(({ state }) => states.includes(state))
    .reduce((sum, { estimateMs = 0 }) => sum + estimateMs, 0);
}

function adviceOf(page: Page, workMs: number): Node[] {
  const { critical, tasks } = page.model;
  if (critical.length === 0) return [];
  const chain = critical.flatMap(({ task, after }) => {
    const arrow = after === 'turn' ? html('span', { title: turnTitle }, ' ⇢ ') : ' → ';
    const took = ` ${durationText(tasks[task]?.tookMs ?? 0)}`;
    return [...(after === undefined ? [] : [arrow]), link(page, task, tasks[task]), took];
  });
  const steps =
    critical.length === 1 ? 'one task' : `${critical.length} tasks, one after the other`;
  return [
    html('h2', {}, 'What would shorten the build'),
    html('p', {}, reasonFor(page, workMs)),
    ...taskAdvice(page),
    html(
      'details',
      { class: 'chain', open: critical.length <= fewSteps },
      html('summary', {}, `What the build had to wait for: ${steps}`),
      html('p', { class: 'hint' }, '→ needs the one before it, ⇢ got its slot or a lock'),
      html('p', {}, ...chain),
    ),
  ];
}

/** What each of the tasks that matter costs. */
function taskAdvice(page: Page): Node[] {
  const { advice, tasks, tookMs } = page.model;
  const items = advice
    .filter(({ savesMs }) => savesMs >= leastShare * tookMs)
    .map(({ task, savesMs }) => {
      const share = Math.round((100 * savesMs) / Math.max(tookMs, 1));
      const took = ` took ${durationText(tasks[task]?.tookMs ?? 0)}; if it took no time, the build would be up to `;
      const saved = html('b', {}, durationText(savesMs));
      return html('li', {}, link(page, task, tasks[task]), took, saved, ` (${share} %) shorter`);
    });
  if (items.length > 0) return [html('ol', { class: 'advice' }, ...items)];
  return [html('p', {}, 'No task by itself would make much of a difference.')];
}

/** What the time of the whole is most like. */
function reasonFor({ model }: Page, workMs: number): string {
  const { tookMs, chainMs, slotCount } = model;
  const sharedMs = workMs / slotCount;
  const [shared, chain] = [durationText(sharedMs), durationText(chainMs)];
  if (tookMs > 1.3 * Math.max(chainMs, sharedMs)) {
    return `Neither the work (${shared} if ${slotsText(slotCount)} shared it evenly) nor the longest chain of deps (${chain}) takes that long: slots stood idle while tasks waited for locks, for others, or for processes to start.`;
  }
  return chainMs >= sharedMs
    ? `Tasks that need each other take ${chain} one after the other: more slots would not help, less to do in these would, or fewer deps between them.`
    : `There is too much work for ${slotsText(slotCount)}: with more of them (--parallel, more cores) or less work the build could take as little as ${chain}, which its longest chain of deps takes.`;
}

function slotsText(count: number): string {
  return count === 1 ? '1 slot' : `${count} slots`;
}

const turnTitle = 'got a slot or a lock when that ended';

function link(page: Page, index: number, task: ReportTask | undefined): Node {
  const name = task?.name ?? '';
  return button(name, `Select ${name}`, () => page.select(index));
}
