// The plugins of the build, with their options: for gulpfiles and for the processes of a pool.
import autoprefixer from 'autoprefixer';
import postcss from 'gulp-postcss';
import gulpSass from 'gulp-sass';
import svgmin from 'gulp-svgmin';
import terser from 'gulp-terser';
import * as compiler from 'sass';

export const css = () => [
  gulpSass(compiler)({ style: 'compressed', silenceDeprecations: ['import', 'global-builtin'] }),
  postcss([autoprefixer()]),
];
export const js = () => terser({ compress: { passes: 2 } });
export const svg = () => svgmin();
