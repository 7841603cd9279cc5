import { statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** Finds the file that `specifier` in the file `from` stands for; `from` and the result are absolute. */
export type Resolve = (
  specifier: string,
  from: string,
  roots: readonly string[],
) => string | undefined;

const styleExtensions = ['.scss', '.sass', '.css', '.less'];
/** Plugins of Less and Tailwind, named in sheets. */
const pluginExtensions = ['.js', '.cjs', '.mjs', '.ts'];

/** As Sass and Less do: partials, index files, extensions left out, then the load paths. */
export const resolveStyle: Resolve = (specifier, from, roots) => {
  if (isElsewhere(specifier)) return undefined;
  return firstFile([dirname(from), ...roots], specifier, (path) => [
    ...withExtension(path),
    ...withExtension(join(dirname(path), `_${basename(path)}`)),
    ...withExtension(join(path, 'index')),
    ...withExtension(join(path, '_index')),
  ]);
};

/** Beside the file, then below the roots; a `/` in front means the roots. */
export const resolveTemplate: Resolve = (specifier, from, roots) => {
  if (isElsewhere(specifier)) return undefined;
  const name = specifier.replace(/^\/+/, '');
  const folders = specifier.startsWith('/') ? roots : [dirname(from), ...roots];
  return firstFile(folders, name, (path) => [path, path + extname(from)]);
};

function withExtension(path: string): string[] {
  const plain = [...styleExtensions, ...pluginExtensions].includes(extname(path)) ? [path] : [];
  return [...plain, ...styleExtensions.map((extension) => path + extension)];
}

function firstFile(
  folders: readonly string[],
  name: string,
  candidates: (path: string) => readonly string[],
): string | undefined {
  for (const folder of folders) {
    const found = candidates(resolve(folder, name)).find(isFile);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `sass:math`, `https://…`, `//…`, `~package`. */
function isElsewhere(specifier: string): boolean {
  return /^(?:[a-z][a-z+.-]+:|\/\/|~)/i.test(specifier);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
