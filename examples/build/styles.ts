import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { transform } from 'lightningcss';
import { compile } from 'sass';

/** Compiles one SCSS file: with a source map for development, minified for production. */
export async function buildStyles(from: string, to: string, env: 'dev' | 'prod'): Promise<void> {
  const isDev = env === 'dev';
  const sass = compile(from, {
    loadPaths: ['node_modules'],
    quietDeps: true,
    // Bootstrap 5 is written for the module system that Sass had before.
    silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'],
    sourceMap: isDev,
    sourceMapIncludeSources: isDev,
  });
  const { code, map } = transform({
    filename: basename(to),
    code: Buffer.from(sass.css),
    minify: !isDev,
    sourceMap: isDev,
    ...(sass.sourceMap && { inputSourceMap: JSON.stringify(sass.sourceMap) }),
  });
  await mkdir(dirname(to), { recursive: true });
  const link = isDev ? `\n/*# sourceMappingURL=${basename(to)}.map */\n` : '';
  await writeFile(to, Buffer.concat([code, Buffer.from(link)]));
  if (map) await writeFile(`${to}.map`, map);
}
