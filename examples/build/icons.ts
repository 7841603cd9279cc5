import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { optimize } from 'svgo';
import { type Sizes, sizesOf, totalOf } from './sizes.ts';

/** Optimises icons and writes them as symbols of one file; returns their sizes as single files. */
export async function optimiseIcons(files: readonly string[], to: string): Promise<Sizes> {
  const icons = await Promise.all(files.map(optimised));
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, icons.map(symbolOf).join('\n'));
  return totalOf(
    to,
    icons.map(({ name, svg }) => sizesOf(name, svg)),
  );
}

/** Joins the files that `optimiseIcons` wrote into one sprite; returns how many icons it holds. */
export async function joinShards(files: readonly string[], to: string): Promise<number> {
  const parts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const symbols = parts.join('\n');
  await writeFile(to, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}\n</svg>\n`);
  return symbols.split('<symbol ').length - 1;
}

interface Icon {
  readonly name: string;
  readonly svg: string;
}

async function optimised(file: string): Promise<Icon> {
  const { data } = optimize(await readFile(file, 'utf8'), { path: file });
  return { name: basename(file, '.svg'), svg: data };
}

function symbolOf({ name, svg }: Icon): string {
  const viewBox = /viewBox="([^"]*)"/.exec(svg)?.[1] ?? '0 0 16 16';
  const inner = svg.replace(/^<svg[^>]*>|<\/svg>$/g, '');
  return `<symbol id="bi-${name}" viewBox="${viewBox}">${inner}</symbol>`;
}
