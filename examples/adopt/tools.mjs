// The plugins of the build, with their options: for the gulpfile and for the processes of a pool.
import { readFileSync } from 'node:fs';
import { Transform } from 'node:stream';
import autoprefixer from 'autoprefixer';
import esbuild from 'esbuild';
import postcss from 'gulp-postcss';
import gulpSass from 'gulp-sass';
import svgmin from 'gulp-svgmin';
import terser from 'gulp-terser';
import * as compiler from 'sass';

/** A plugin that does something with each file. */
function each(change) {
  return new Transform({
    objectMode: true,
    transform(file, _encoding, done) {
      Promise.resolve(file)
        .then(change)
        .then(() => done(null, file), done);
    },
  });
}

/** For browsers that know no newer JavaScript. */
const transpile = () =>
  each(async (file) => {
    const { code, map } = await esbuild.transform(String(file.contents), {
      target: 'es2018',
      sourcemap: 'external',
      sourcefile: file.relative,
    });
    file.contents = Buffer.from(code);
    file.sourceMap = { ...JSON.parse(map), file: file.relative };
  });

const include = /<!--#include file="(.+?)" -->/g;

/** Puts in what pages have in common. */
export const includes = ({ isProd }) =>
  each((file) => {
    const text = String(file.contents)
      .replaceAll(include, (_, path) => readFileSync(`src/${path}`, 'utf8'))
      .replaceAll('{{mode}}', isProd ? 'production' : 'development');
    file.contents = Buffer.from(text);
  });

// Sass takes half the time if it need not let others work meanwhile: this process has no others.
export const css = ({ isProd }) => [
  gulpSass(compiler).sync({
    style: isProd ? 'compressed' : 'expanded',
    silenceDeprecations: ['import', 'global-builtin'],
  }),
  postcss([autoprefixer()]),
];

export const js = ({ isProd }) =>
  isProd ? [transpile(), terser({ compress: { passes: 2 } })] : transpile();

export const svg = () => svgmin();
