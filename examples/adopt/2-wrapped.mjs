// Step 2: the functions as they are, each in a process of its own, and only if it has to run.
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
import { parproc, task } from 'parproc';
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

const lint = () =>
  spawn(process.execPath, ['node_modules/oxlint/bin/oxlint', '--quiet', 'src/js'], {
    stdio: 'inherit',
  });

const styles = () =>
  gulp
    .src('src/scss/*.scss', { sourcemaps: true })
    .pipe(sass(sassOptions))
    .pipe(postcss([autoprefixer()]))
    .pipe(gulp.dest(`${dist}/css`, maps));

function scripts() {
  let stream = gulp.src('src/js/*.js', { sourcemaps: true }).pipe(transpile());
  if (isProd) stream = stream.pipe(terser({ compress: { passes: 2 } }));
  return stream.pipe(concat('site.js')).pipe(gulp.dest(`${dist}/js`, maps));
}

const icons = () =>
  gulp
    .src('src/icons/*.svg')
    .pipe(svgmin())
    .pipe(gulp.dest(`${dist}/icons`));

const assets = () =>
  gulp
    .src(['src/img/**/*', 'src/fonts/**/*'], { base: 'src', encoding: false })
    .pipe(gulp.dest(dist));

const pages = () => gulp.src('src/*.html').pipe(includes()).pipe(gulp.dest(dist));

task('lint').inputs('src/js/*.js').wrap(lint);

task('styles').inputs('src/scss/**/*.scss').outputs(`${dist}/css`).env('NODE_ENV').wrap(styles);

task('scripts').inputs('src/js/*.js').outputs(`${dist}/js`).env('NODE_ENV').wrap(scripts);

task('icons').inputs('src/icons/*.svg').outputs(`${dist}/icons`).wrap(icons);

task('assets')
  .inputs('src/img/**/*', 'src/fonts/**/*')
  .outputs(`${dist}/img`, `${dist}/fonts`)
  .wrap(assets);

task('pages').inputs('src/**/*.html').outputs(`${dist}/*.html`).env('NODE_ENV').wrap(pages);

task('default').deps('lint', 'styles', 'scripts', 'icons', 'assets', 'pages');

export const watch = () => gulp.watch('src/**', gulp.series('default'));
