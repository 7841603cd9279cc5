const mostShown = 120;
const prefix = 'bi-';
const svgNamespace = 'http://www.w3.org/2000/svg';

/** Shows the icons of the sprite whose names hold `query`, as many as fit a page. */
export function showIcons(grid: Element, ids: readonly string[], query: string): void {
  const wanted = query.trim().toLowerCase();
  const found = ids.filter((id) => id.slice(prefix.length).includes(wanted)).slice(0, mostShown);
  grid.replaceChildren(...found.map(tileOf));
}

function tileOf(id: string): Element {
  const tile = document.createElement('div');
  tile.className = 'icon-tile';
  const svg = document.createElementNS(svgNamespace, 'svg');
  const use = document.createElementNS(svgNamespace, 'use');
  use.setAttribute('href', `#${id}`);
  svg.append(use);
  const label = document.createElement('small');
  label.textContent = id.slice(prefix.length);
  tile.append(svg, label);
  return tile;
}
