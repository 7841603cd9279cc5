import 'bootstrap';
import { showIcons } from './icon-gallery.ts';

const list = document.querySelector('#icon-names');
const grid = document.querySelector('#icons');
const search = document.querySelector('#search');

if (list !== null && grid !== null && search instanceof HTMLInputElement) {
  const names: string[] = JSON.parse(list.textContent);
  showIcons(grid, names, '');
  search.addEventListener('input', () => showIcons(grid, names, search.value));
}
