// Step 3: the files of a task on all cores.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import gulp from 'gulp';
import concat from 'gulp-concat';
import { parproc, task } from 'parproc';
import { pooledPlugin } from 'parproc/plugins';
import { includes } from './tools.mjs';

gulp.registry(parproc());

const isProd = process.env.NODE_ENV === 'production';
const dist = isProd ? 'dist/prod' : 'dist/dev';
const maps = { sourcemaps: '.' };

const module = new URL('tools.mjs', import.meta.url);
const pooled = (name) => pooledPlugin({ module, export: name }, { options: { isProd } });

export const clean = () => rm(dist, { recursive: true, force: true });

const lint = () =>
  spawn(process.execPath, ['node_modules/oxlint/bin/oxlint', '--quiet', 'src/js'], {
    stdio: 'inherit',
  });

const styles = () =>
  gulp
    .src('src/scss/*.scss', { sourcemaps: true })
    .pipe(pooled('css'))
    .pipe(gulp.dest(`${dist}/css`, maps));

const scripts = () =>
  gulp
    .src('src/js/*.js', { sourcemaps: true })
    .pipe(pooled('js'))
    .pipe(concat('site.js'))
    .pipe(gulp.dest(`${dist}/js`, maps));

const icons = () =>
  gulp
    .src('src/icons/*.svg')
    .pipe(pooled('svg'))
    .pipe(gulp.dest(`${dist}/icons`));

const assets = () =>
  gulp
    .src(['src/img/**/*', 'src/fonts/**/*'], { base: 'src', encoding: false })
    .pipe(gulp.dest(dist));

const pages = () => gulp.src('src/*.html').pipe(includes({ isProd })).pipe(gulp.dest(dist));

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
