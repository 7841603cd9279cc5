import 'bootstrap';
import { showIcons } from './icon-gallery.ts';

const symbols = [...document.querySelectorAll('symbol')];
const ids = symbols.map((symbol) => symbol.id).sort((a, b) => a.localeCompare(b));
const grid = document.querySelector('#icons');
const search = document.querySelector('#search');

if (grid !== null && search instanceof HTMLInputElement) {
  showIcons(grid, ids, '');
  search.addEventListener('input', () => showIcons(grid, ids, search.value));
}
