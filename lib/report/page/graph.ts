import { html, svg, taskAt } from './dom.ts';
import { fitted } from './fitted.ts';
import { legend } from './legend.ts';
import { markOf, type Page, type View } from './view.ts';

const nodeWidth = 180;
const nodeHeight = 24;
const columnWidth = 240;
const rowHeight = 32;
/** A picture of more is not readable: then it is one of what matters, or of the selected task. */
const mostNodes = 200;

/** What needs what: deps to the left. */
export function graphView(page: Page): View {
  const { tasks } = page.model;
  const picture = svg('svg', { role: 'img', 'aria-label': 'Graph of the tasks' });
  const scroll = html('div', { class: 'scroll graph', tabindex: 0 }, picture);
  const hint = html('p', { class: 'hint' });
  // Else it is above the timeline.
  const above = tasks.some(({ stays }) => stays !== undefined) ? [] : [legend(page)];
  const isWhole = tasks.length <= mostNodes;
  scroll.hidden = tasks.length === 0;
  let selected: number | undefined;

  function draw(): void {
    const chosen = isWhole ? tasks.map((_, index) => index) : chosenOf(page, selected);
    hint.textContent = isWhole
      ? tasks.length === 0
        ? 'There are no tasks.'
        : ''
      : selected === undefined
        ? `The longest chain of deps, and what failed with what it needs; select one of the ${tasks.length} tasks to see what it hangs together with.`
        : `What ${tasks[selected]?.name ?? ''} needs, and what needs it.`;
    const places = placesOf(page, chosen);
    const nodes = chosen.map((index) => nodeOf(page, index, places.get(index) ?? [0, 0]));
    const edges = chosen.flatMap((index) => edgesTo(page, index, places));
    const all = [...places.values()];
    const width = Math.max(0, ...all.map(([x]) => x)) + nodeWidth + 8;
    const height = Math.max(0, ...all.map(([, y]) => y)) + nodeHeight + 8;
    picture.setAttribute('width', String(width));
    picture.setAttribute('height', String(height));
    picture.replaceChildren(...edges, ...nodes);
    mark();
  }

  function mark(): void {
    const related = new Set(selected === undefined ? [] : around(page, selected));
    for (const node of picture.querySelectorAll('.node')) {
      const index = Number(node.getAttribute('data-task'));
      node.classList.toggle('selected', index === selected);
      node.classList.toggle('dim', selected !== undefined && !related.has(index));
    }
  }

  picture.addEventListener('click', (event) => page.select(taskAt(event)));
  draw();
  return {
    element: html('section', { id: 'graph' }, html('h2', {}, 'Graph'), hint, ...above, scroll),
    select(task) {
      selected = task;
      if (isWhole) mark();
      else draw();
    },
  };
}

/** Without a selection what matters most, else what hangs together with it. */
function chosenOf(page: Page, selected: number | undefined): number[] {
  if (selected !== undefined) return around(page, selected).slice(0, mostNodes);
  const failed = page.model.tasks.flatMap(({ state, deps }, index) =>
    state === 'failed' ? [index, ...deps] : [],
  );
  return [...new Set([...page.model.chain, ...failed])].slice(0, mostNodes);
}

/** The task, all that it needs and all that needs it, nearest first. */
function around(page: Page, task: number): number[] {
  const { tasks } = page.model;
  const found = new Set([task]);
  const follow = (nextOf: (index: number) => readonly number[]): void => {
    const pending = [task];
    for (let at = 0; at < pending.length; at++) {
      for (const next of nextOf(pending[at] ?? -1)) {
        if (found.has(next)) continue;
        found.add(next);
        pending.push(next);
      }
    }
  };
  follow((index) => tasks[index]?.deps ?? []);
  follow((index) => page.dependants[index] ?? []);
  return [...found];
}

type Point = readonly [x: number, y: number];

/** A column for each length of the longest way to the task; in it, by the rows of the deps. */
function placesOf({ model }: Page, chosen: readonly number[]): Map<number, Point> {
  const isChosen = new Set(chosen);
  const depths = new Map<number, number>();
  const depthOf = (index: number): number => {
    const pending = [index];
    for (let at = pending.at(-1); at !== undefined; at = pending.at(-1)) {
      const deps = (model.tasks[at]?.deps ?? []).filter((dep) => isChosen.has(dep));
      const missing = deps.filter((dep) => !depths.has(dep));
      if (missing.length > 0) pending.push(...missing);
      else {
        depths.set(at, Math.max(-1, ...deps.map((dep) => depths.get(dep) ?? 0)) + 1);
        pending.pop();
      }
    }
    return depths.get(index) ?? 0;
  };
  const columns: number[][] = [];
  for (const index of chosen) {
    const depth = depthOf(index);
    columns[depth] ??= [];
    columns[depth]?.push(index);
  }
  const places = new Map<number, Point>();
  for (const [depth, column] of columns.entries()) {
    const rowOf = (index: number): number => {
      const rows = (model.tasks[index]?.deps ?? []).flatMap((dep) => places.get(dep)?.[1] ?? []);
      return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    const sorted = column.map((index) => ({ index, row: rowOf(index) }));
    sorted.sort((a, b) => a.row - b.row);
    for (const [row, { index }] of sorted.entries()) {
      places.set(index, [4 + depth * columnWidth, 4 + row * rowHeight]);
    }
  }
  return places;
}

function nodeOf(page: Page, index: number, [x, y]: Point): SVGElement {
  const task = page.model.tasks[index];
  if (task === undefined) return svg('g');
  const name = fitted(task.name, nodeWidth - 36);
  const isCritical = page.critical.has(index);
  return svg(
    'g',
    { class: 'node', 'data-task': index },
    svg('title', {}, task.name),
    svg('rect', {
      class: `bar s-${task.state}${isCritical ? ' critical' : ''}`,
      x,
      y,
      width: nodeWidth,
      height: nodeHeight,
      rx: task.isGroup ? 12 : 3,
    }),
    svg('text', { class: 'label', x: x + 8, y: y + 16 }, `${markOf(task)} ${name}`),
  );
}

function edgesTo(page: Page, index: number, places: ReadonlyMap<number, Point>): SVGElement[] {
  const to = places.get(index);
  if (to === undefined) return [];
  return (page.model.tasks[index]?.deps ?? []).flatMap((dep) => {
    const from = places.get(dep);
    if (from === undefined) return [];
    const [x1, y1] = [from[0] + nodeWidth, from[1] + nodeHeight / 2];
    const [x2, y2] = [to[0], to[1] + nodeHeight / 2];
    const bend = (x2 - x1) / 2;
    const isCritical = page.criticalDeps.has(`${dep} ${index}`);
    const d = `M${x1},${y1}C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
    return [svg('path', { class: isCritical ? 'edge critical' : 'edge', d })];
  });
}
