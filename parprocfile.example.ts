/**
 * Builds a small site with Bootstrap, for development and for production.
 *
 *     npm run example                          everything
 *     npm run example -- 'styles::*::dev'      only the styles for development
 *     npm run example -- --tasks               what there is
 */
import { rm } from 'node:fs/promises';
import gulp from 'gulp';
import { parproc, task } from 'parproc';
import { iconFiles } from './examples/build/icon-files.ts';

const src = 'examples/src';
const out = 'examples/dist';
const envs = ['dev', 'prod'] as const;

gulp.registry(parproc({ timeout: '5m' }));

/** What each bundle imports: a change in a partial rebuilds only the bundles that use it. */
const partials = {
  full: ['variables', 'foundation', 'page'],
  grid: ['variables', 'foundation'],
  reboot: ['variables', 'foundation'],
  utilities: ['variables', 'foundation'],
};

task('styles::[bundle]::[env]')
  .args({ bundle: ['full', 'grid', 'reboot', 'utilities'], env: envs })
  .describe('Bootstrap with our theme, as CSS')
  .inputs(`${src}/scss/[bundle].scss`, ({ bundle }) =>
    partials[bundle].map((name) => `${src}/scss/_${name}.scss`),
  )
  .outputs(`${out}/[env]/css/[bundle].css`)
  .action(async (_ctx, { bundle, env }) => {
    const { buildStyles } = await import('./examples/build/styles.ts');
    await buildStyles(`${src}/scss/${bundle}.scss`, `${out}/${env}/css/${bundle}.css`, env);
  });

task('scripts::[env]')
  .args({ env: envs })
  .describe('The JavaScript of the page, Bootstrap included')
  .inputs(`${src}/js/**/*.ts`)
  .outputs(`${out}/[env]/js/site.js`)
  .action(async (_ctx, { env }) => {
    const { buildScripts } = await import('./examples/build/scripts.ts');
    await buildScripts(`${src}/js/site.ts`, `${out}/${env}/js/site.js`, env);
  });

const icons = task('icons::[shard]')
  .args({ shard: [0, 1, 2, 3, 4, 5, 6, 7] })
  .describe('One eighth of the Bootstrap icons, optimised')
  .inputs(({ shard }) => iconFiles().filter((_, index) => index % 8 === shard))
  .outputs(`${out}/icons/[shard].svg`)
  .action(async (ctx, { shard }) => {
    const { optimiseIcons } = await import('./examples/build/icons.ts');
    return optimiseIcons(ctx.inputs, `${out}/icons/${shard}.svg`);
  });

const sprite = task('sprite')
  .describe('All icons in one file')
  .deps('icons::*')
  .outputs(`${out}/sprite.svg`)
  .action(async () => {
    const { joinShards } = await import('./examples/build/icons.ts');
    return joinShards(`${out}/icons`, `${out}/sprite.svg`);
  });

/** A gulp task function as it may have stood in a gulpfile for years. */
function copyStatic() {
  return gulp.src(`${src}/static/**`, { encoding: false }).pipe(gulp.dest(`${out}/static`));
}

task('static')
  .describe('Files that are only copied')
  .inputs(`${src}/static/**`)
  .outputs(`${out}/static/*`)
  .wrap(copyStatic);

const page = task('page::[env]')
  .args({ env: envs })
  .describe('index.html, which shows it all')
  .deps(sprite)
  .inputs(`${src}/index.html`)
  .outputs(`${out}/[env]/index.html`)
  .action(async (ctx, { env }) => {
    const { buildPage } = await import('./examples/build/page.ts');
    const names = ctx.result(sprite.of());
    await buildPage(`${src}/index.html`, `${out}/${env}/index.html`, { env, icons: names });
  });

task('site::[env]')
  .args({ env: envs })
  .describe('The whole site')
  .deps('styles::*::[env]', 'scripts::[env]', page, 'static');

const sizes = task('sizes::[kind]::[env]')
  .args({ kind: ['css', 'js'], env: envs })
  .describe('How large the files are, raw and compressed as well as can be')
  .deps(({ kind, env }) => (kind === 'css' ? `styles::*::${env}` : `scripts::${env}`))
  .action(async (_ctx, { kind, env }) => {
    const { measureFolder } = await import('./examples/build/sizes.ts');
    return measureFolder(`${out}/${env}/${kind}`);
  });

const spriteSizes = task('sizes::sprite')
  .deps(sprite)
  .action(async () => {
    const { measureFile } = await import('./examples/build/sizes.ts');
    return [measureFile(`${out}/sprite.svg`)];
  });

task('report')
  .describe('A table of all sizes, after everything')
  .deps('site::*', spriteSizes, 'sizes::*::*', 'icons::*')
  .outputs(`${out}/report.md`)
  .locks('report')
  .action(async (ctx) => {
    const { totalOf, writeReport } = await import('./examples/build/sizes.ts');
    const shards = [0, 1, 2, 3, 4, 5, 6, 7] as const;
    const single = shards.map((shard) => ctx.result(icons.of({ shard })));
    const rows = [
      ...envs.flatMap((env) => ctx.result(sizes.of({ kind: 'css', env }))),
      ...envs.flatMap((env) => ctx.result(sizes.of({ kind: 'js', env }))),
      ...ctx.result(spriteSizes.of()),
      totalOf('all icons, one by one', single),
    ];
    await writeReport(rows, `${out}/report.md`);
  });

task('default').describe('The site for both environments, and the report').deps('report');

gulp.task('clean', () => rm(out, { recursive: true, force: true }));
