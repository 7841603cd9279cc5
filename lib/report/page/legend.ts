import { html } from './dom.ts';
import { markOf, type Page, stateText } from './view.ts';

/** What the colours mean, of those that occur. */
export function legend(page: Page): HTMLElement {
  const { tasks } = page.model;
  const kinds = new Map(tasks.map((task) => [task.state, task]));
  const entries = [...kinds.values()].map((task) =>
    html(
      'span',
      {},
      html('i', { class: `swatch s-${task.state}` }),
      `${markOf(task)} ${stateText({ ...task, isGroup: false })}`,
    ),
  );
  const path = html('i', { class: 'swatch critical' });
  const isCritical = page.critical.size > 0;
  return html(
    'p',
    { class: 'legend' },
    ...entries,
    ...(isCritical ? [html('span', {}, path, 'what the build had to wait for')] : []),
  );
}
