// Step 1: the registry. Everything works as before.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import autoprefixer from 'autoprefixer';
import esbuild from 'esbuild';
import gulp from 'gulp';
import concat from 'gulp-concat';
import postcss from 'gulp-postcss';
import gulpSass from 'gulp-sass';
import svgmin from 'gulp-svgmin';
import terser from 'gulp-terser';
import { parproc } from 'parproc';
import * as compiler from 'sass';

gulp.registry(parproc());

const isProd = process.env.NODE_ENV === 'production';
const dist = isProd ? 'dist/prod' : 'dist/dev';
const maps = { sourcemaps: '.' };

const sass = gulpSass(compiler);
const sassOptions = {
  style: isProd ? 'compressed' : 'expanded',
  silenceDeprecations: ['import', 'global-builtin'],
};

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
const includes = () =>
  each((file) => {
    const text = String(file.contents)
      .replaceAll(include, (_, path) => readFileSync(`src/${path}`, 'utf8'))
      .replaceAll('{{mode}}', isProd ? 'production' : 'development');
    file.contents = Buffer.from(text);
  });

export const clean = () => rm(dist, { recursive: true, force: true });

export const lint = () =>
  spawn(process.execPath, ['node_modules/oxlint/bin/oxlint', '--quiet', 'src/js'], {
    stdio: 'inherit',
  });

export const styles = () =>
  gulp
    .src('src/scss/*.scss', { sourcemaps: true })
    .pipe(sass(sassOptions))
    .pipe(postcss([autoprefixer()]))
    .pipe(gulp.dest(`${dist}/css`, maps));

export function scripts() {
  let stream = gulp.src('src/js/*.js', { sourcemaps: true }).pipe(transpile());
  if (isProd) stream = stream.pipe(terser({ compress: { passes: 2 } }));
  return stream.pipe(concat('site.js')).pipe(gulp.dest(`${dist}/js`, maps));
}

export const icons = () =>
  gulp
    .src('src/icons/*.svg')
    .pipe(svgmin())
    .pipe(gulp.dest(`${dist}/icons`));

export const assets = () =>
  gulp
    .src(['src/img/**/*', 'src/fonts/**/*'], { base: 'src', encoding: false })
    .pipe(gulp.dest(dist));

export const pages = () => gulp.src('src/*.html').pipe(includes()).pipe(gulp.dest(dist));

export const build = gulp.parallel(lint, styles, scripts, icons, assets, pages);

export function watch() {
  gulp.watch('src/scss/**/*.scss', styles);
  gulp.watch('src/js/*.js', gulp.parallel(lint, scripts));
  gulp.watch('src/icons/*.svg', icons);
  gulp.watch(['src/img/**/*', 'src/fonts/**/*'], assets);
  gulp.watch('src/**/*.html', pages);
}

export default gulp.series(clean, build);
