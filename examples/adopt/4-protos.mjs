// Step 4: a task for each mode and each sheet, which knows what it reads and what it has written.
import { readdirSync } from 'node:fs';
import gulp from 'gulp';
import concat from 'gulp-concat';
import { cleaner, parproc, task } from 'parproc';
import { pooledPlugin } from 'parproc/plugins';

gulp.registry(parproc());

const mode = ['dev', 'prod'];
const module = new URL('tools.mjs', import.meta.url);
const pooled = (name, mode) =>
  pooledPlugin({ module, export: name }, { options: { isProd: mode === 'prod' } });

const sheets = () =>
  readdirSync('src/scss')
    .filter((file) => /^[^_].*\.scss$/.test(file))
    .map((file) => file.replace('.scss', ''));

task('lint')
  .inputs('src/js/*.js')
  .action((ctx) => ctx.exec('node', ['node_modules/oxlint/bin/oxlint', '--quiet', 'src/js']));

task('styles::[mode]::[sheet]')
  .args({ mode, sheet: sheets })
  .inputs('src/scss/[sheet].scss')
  .trackImports() // the partials that it uses
  .action(async (ctx, { mode }) => {
    const { css } = await import('./tools.mjs');
    const [sass, post] = css({ isProd: mode === 'prod' });
    return ctx
      .src({ sourcemaps: true })
      .pipe(sass)
      .pipe(post)
      .pipe(ctx.dest(`dist/${mode}/css`, { sourcemaps: '.' }));
  });

task('scripts::[mode]')
  .args({ mode })
  .inputs('src/js/*.js')
  .action((ctx, { mode }) =>
    ctx
      .src({ sourcemaps: true })
      .pipe(pooled('js', mode))
      .pipe(concat('site.js'))
      .pipe(ctx.dest(`dist/${mode}/js`, { sourcemaps: '.' })),
  );

task('icons::[mode]')
  .args({ mode })
  .inputs('src/icons/*.svg')
  .action((ctx, { mode }) =>
    ctx
      .src()
      .pipe(pooled('svg', mode))
      .pipe(ctx.dest(`dist/${mode}/icons`, { prune: true })),
  );

task('assets::[mode]')
  .args({ mode })
  .inputs('src/img/**/*', 'src/fonts/**/*')
  .action((ctx, { mode }) =>
    ctx.src({ base: 'src' }).pipe(ctx.dest(`dist/${mode}`, { prune: true })),
  );

task('pages::[mode]')
  .args({ mode })
  .inputs('src/*.html')
  .trackImports() // what the pages include
  .action(async (ctx, { mode }) => {
    const { includes } = await import('./tools.mjs');
    return ctx
      .src()
      .pipe(includes({ isProd: mode === 'prod' }))
      .pipe(ctx.dest(`dist/${mode}`, { prune: true }));
  });

task('build::[mode]')
  .args({ mode })
  .deps(
    'lint',
    'styles::[mode]::*',
    'scripts::[mode]',
    'icons::[mode]',
    'assets::[mode]',
    'pages::[mode]',
  );

task('default').deps(process.env.NODE_ENV === 'production' ? 'build::prod' : 'build::dev');

export const clean = cleaner('build::*');
export const watch = () => gulp.watch('src/**', gulp.series('default'));
