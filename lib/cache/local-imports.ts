import { statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';

/** A relative specifier in anything that looks like an import: too many are found rather than too few. */
const specifier = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])(\.{1,2}(?:\/[^'"`\n]*)?)\1/g;
const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '.json'];
const sourcesOf: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.jsx': ['.tsx'],
};

/** The files that the JavaScript or TypeScript `text` of `file` imports by relative paths. */
export function localImports(file: string, text: string): string[] {
  const found = [...text.matchAll(specifier)].flatMap((match) => {
    const target = targetOf(resolve(dirname(file), match[2] ?? ''));
    return target === undefined ? [] : [target];
  });
  return [...new Set(found)];
}

function targetOf(path: string): string | undefined {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const candidates = [
    path,
    ...(sourcesOf[extension] ?? []).map((source) => stem + source),
    ...extensions.map((each) => path + each),
    ...extensions.map((each) => join(path, `index${each}`)),
  ];
  return candidates.find((each) => statSync(each, { throwIfNoEntry: false })?.isFile() === true);
}
