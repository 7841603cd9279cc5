import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Sources as gulpfiles have them: Sass with partials, scripts, icons, pages and binary files. */
export const siteFiles: Readonly<Record<string, string>> = {
  'src/scss/site.scss': "@use 'parts/colors';\n@use 'parts/grid';\nbody { color: colors.$text; }\n",
  'src/scss/print.scss': "@use 'parts/colors';\n@media print { a { color: colors.$text; } }\n",
  'src/scss/parts/_colors.scss': '$text: #333344;\n',
  'src/scss/parts/_grid.scss': '.grid { display: grid; a { user-select: none; b { top: 0; } } }\n',
  'src/js/a.js': 'export function add(first, second) {\n  // sums\n  return first + second;\n}\n',
  'src/js/b.js':
    'export const twice = (value) => {\n  const result = value * 2;\n  return result;\n};\n',
  'src/icons/dot.svg':
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">\n  <!-- a dot -->\n  <circle cx="8.0000" cy="8" r="4" fill="#ff0000"/>\n</svg>\n',
  'src/icons/box.svg':
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">\n  <g><rect x="1" y="1" width="14.00" height="14"/></g>\n</svg>\n',
};

/** Writes files that are no text, and says what is in them, by path. */
export function writeBinaries(folder: string): Map<string, Buffer> {
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(50_000)]);
  const font = Buffer.concat([Buffer.from('wOF2'), randomBytes(70_000)]);
  const files = new Map([
    ['src/img/photo.png', png],
    ['src/img/font.woff2', font],
  ]);
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return files;
}

/** A digest of every file below `folder`, by path. */
export function treeOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, digestOf(join(folder, path))]));
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
