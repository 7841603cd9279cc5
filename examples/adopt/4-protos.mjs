// Step 4: one task for each sheet, which runs only if something that the sheet uses has changed.
import { readdirSync } from 'node:fs';
import gulp from 'gulp';
import concat from 'gulp-concat';
import { parproc, task } from 'parproc';
import { pooledPlugin } from 'parproc/plugins';

gulp.registry(parproc());

const module = new URL('tools.mjs', import.meta.url);
const pooled = (name) => pooledPlugin({ module, export: name });

const sheets = () =>
  readdirSync('src/scss')
    .filter((file) => /^[^_].*\.scss$/.test(file))
    .map((file) => file.replace('.scss', ''));

task('styles::[sheet]')
  .args({ sheet: sheets })
  .inputs('src/scss/[sheet].scss')
  .trackImports() // the partials that it uses
  .action(async (ctx) => {
    const { css } = await import('./tools.mjs');
    const [sass, post] = css();
    return ctx
      .src({ sourcemaps: true })
      .pipe(sass)
      .pipe(post)
      .pipe(ctx.dest('dist/css', { sourcemaps: '.' }));
  });

task('scripts')
  .inputs('src/js/*.js')
  .action((ctx) => ctx.src().pipe(pooled('js')).pipe(concat('site.js')).pipe(ctx.dest('dist/js')));

task('icons')
  .inputs('src/icons/*.svg')
  .action((ctx) =>
    ctx
      .src()
      .pipe(pooled('svg'))
      .pipe(ctx.dest('dist/icons', { prune: true })),
  );

task('images')
  .inputs('src/img/*')
  .action((ctx) => ctx.src().pipe(ctx.dest('dist/img', { prune: true })));

task('pages')
  .inputs('src/*.html')
  .action((ctx) => ctx.src().pipe(ctx.dest('dist')));

task('default').deps('styles::*', 'scripts', 'icons', 'images', 'pages');

export const watch = () => gulp.watch('src', gulp.series('default'));
