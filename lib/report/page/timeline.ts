import { durationText } from '../duration-text.ts';
import { button, html, svg, taskAt } from './dom.ts';
import { fitted } from './fitted.ts';
import { legend } from './legend.ts';
import { type Page, stateText, type View } from './view.ts';

const rowHeight = 24;
const axisHeight = 22;
const shortestGroupMs = 1;
const longestPixels = 30_000;

interface Bar {
  readonly index: number;
  readonly row: number;
  readonly startMs: number;
  readonly tookMs: number;
}

/** What ran when, a row for each process. */
export function timelineView(page: Page): View {
  const { tasks, rows, isForecast } = page.model;
  const shown = tasks.flatMap(({ stays = [], isGroup }, index) =>
    stays.flatMap(({ row, startMs, tookMs = 0 }): Bar[] =>
      isGroup && tookMs < shortestGroupMs ? [] : [{ index, row, startMs, tookMs }],
    ),
  );
  const endMs = Math.max(1, ...shown.map(({ startMs, tookMs }) => startMs + tookMs));
  const height = axisHeight + rows.length * rowHeight + 4;
  const bars = new Map<number, SVGElement[]>();
  const labels: { element: SVGTextElement; startMs: number; tookMs: number; name: string }[] = [];
  const axis = svg('g', { class: 'axis' });
  const picture = svg('svg', { height, role: 'img', 'aria-label': 'Timeline' }, axis);
  const names = html('div', { class: 'row-names' }, ...rowNames(rows, shown));
  const scroll = html('div', { class: 'scroll timeline', tabindex: 0 }, names, picture);
  let zoom = 1;

  for (const { index, row, startMs, tookMs } of shown) {
    const task = tasks[index];
    if (task === undefined) continue;
    const y = axisHeight + row * rowHeight;
    const isCritical = page.critical.has(index);
    const bar = svg('rect', {
      class: `bar s-${task.state}${isCritical ? ' critical' : ''}`,
      y: y + 2,
      height: rowHeight - 4,
      rx: 3,
    });
    const title = svg('title', {}, `${task.name}\n${stateText(task)}, ${durationText(tookMs)}`);
    const label = svg('text', { class: 'label', y: y + rowHeight / 2 + 4 });
    const group = svg('g', { 'data-task': index }, title, bar, label);
    labels.push({ element: label, startMs, tookMs, name: task.name });
    bars.set(index, [...(bars.get(index) ?? []), group]);
    picture.append(group);
  }

  /** Puts everything where it belongs at this zoom. */
  function layOut(): void {
    const width = Math.min(
      Math.max(scroll.clientWidth - names.offsetWidth - 4, 200) * zoom,
      longestPixels,
    );
    const scale = width / endMs;
    picture.setAttribute('width', String(width));
    for (const { element, startMs, tookMs, name } of labels) {
      const barWidth = Math.max(tookMs * scale, 1);
      const bar = element.previousElementSibling;
      bar?.setAttribute('x', String(startMs * scale));
      bar?.setAttribute('width', String(barWidth));
      element.setAttribute('x', String(startMs * scale + 4));
      bar?.classList.toggle('thin', barWidth < 8);
      element.textContent = barWidth < 24 ? '' : fitted(name, barWidth - 8);
    }
    axis.replaceChildren(...ticksFor(endMs, width));
  }

  function ticksFor(lastMs: number, width: number): SVGElement[] {
    const stepMs = niceStep((lastMs / width) * 110);
    const ticks: SVGElement[] = [];
    for (let ms = 0; ms <= lastMs; ms += stepMs) {
      const x = (ms / lastMs) * width;
      ticks.push(svg('line', { x1: x, x2: x, y1: axisHeight - 4, y2: height }));
      // One that the end would cut off tells nothing.
      if (x + 50 < width) ticks.push(svg('text', { x: x + 3, y: 13 }, durationText(ms)));
    }
    return ticks;
  }

  function zoomBy(factor: number): void {
    const middle = (scroll.scrollLeft + scroll.clientWidth / 2) / zoom;
    zoom = factor === 0 ? 1 : Math.min(Math.max(zoom * factor, 1), 200);
    layOut();
    scroll.scrollLeft = middle * zoom - scroll.clientWidth / 2;
  }

  picture.addEventListener('click', (event) => page.select(taskAt(event)));
  scroll.addEventListener('keydown', (event) => {
    const factor = { '+': 1.5, '-': 1 / 1.5, '0': 0 }[event.key];
    if (factor !== undefined) zoomBy(factor);
  });
  new ResizeObserver(layOut).observe(scroll);

  const tools = html(
    'div',
    { class: 'tools' },
    button('−', 'Zoom out', () => zoomBy(1 / 1.5)),
    button('+', 'Zoom in', () => zoomBy(1.5)),
    button('fit', 'Show all', () => zoomBy(0)),
  );
  const title = html('h2', {}, 'Timeline');
  const hint = html('p', { class: 'hint' }, 'Nothing has run.');
  const parts = shown.length > 0 ? [tools, legend(page), scroll] : [hint];
  const element = html('section', { id: 'timeline', hidden: isForecast }, title, ...parts);
  let selected: readonly SVGElement[] = [];
  return {
    element,
    select(task) {
      for (const bar of selected) bar.classList.remove('selected');
      selected = (task === undefined ? undefined : bars.get(task)) ?? [];
      for (const bar of selected) bar.classList.add('selected');
      const start = task === undefined ? undefined : tasks[task]?.startMs;
      if (zoom > 1 && start !== undefined) {
        const width = Number(picture.getAttribute('width'));
        scroll.scrollLeft = (start / endMs) * width - scroll.clientWidth / 3;
      }
    },
    filter(matches) {
      for (const [index, group] of bars) {
        for (const bar of group) bar.classList.toggle('dim', !matches.has(index));
      }
    },
  };
}

/** What each row is, and how much of the time it was at work. */
function rowNames(rows: readonly string[], shown: readonly Bar[]): Node[] {
  const busyMs = rows.map(() => 0);
  for (const { row, tookMs } of shown) busyMs[row] = (busyMs[row] ?? 0) + tookMs;
  return rows.map((name, row) => {
    const title = `${name}: at work for ${durationText(busyMs[row] ?? 0)}`;
    return html('div', { title }, name);
  });
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return ([1, 2, 5].find((step) => step * power >= ms) ?? 10) * power;
}
