const mostShown = 120;
const svgNamespace = 'http://www.w3.org/2000/svg';

/** Shows the icons whose names hold `query`, as many as fit a page. */
export function showIcons(grid: Element, names: readonly string[], query: string): void {
  const wanted = query.trim().toLowerCase();
  const found = names.filter((name) => name.includes(wanted)).slice(0, mostShown);
  grid.replaceChildren(...found.map(tileOf));
}

function tileOf(name: string): Element {
  const tile = document.createElement('div');
  tile.className = 'icon-tile';
  const svg = document.createElementNS(svgNamespace, 'svg');
  const use = document.createElementNS(svgNamespace, 'use');
  use.setAttribute('href', `../sprite.svg#${name}`);
  svg.append(use);
  const label = document.createElement('small');
  label.textContent = name;
  tile.append(svg, label);
  return tile;
}
