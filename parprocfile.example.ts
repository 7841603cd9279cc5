/**
 * Builds a small site with Bootstrap, for development and for production.
 *
 *     npm run example                          everything
 *     npm run example -- 'styles::*::dev'      only the styles for development
 *     npm run example -- --tasks               what there is
 *     npm run example -- default 'check::*'    everything, then the site where it would be served
 */
import { access, cp, readFile, rm } from 'node:fs/promises';
import gulp from 'gulp';
import { NO_FAILURES, parproc, shared, task } from 'parproc';
import { iconFiles } from './examples/build/icon-files.ts';

const src = 'examples/src';
const out = 'examples/dist';
const envs = ['dev', 'prod'] as const;
const shards = [0, 1, 2, 3, 4, 5, 6, 7] as const;

gulp.registry(parproc({ timeout: '5m' }));

/** For development every CSS and JS file has its source map beside it. */
function withMap(file: string, env: (typeof envs)[number]) {
  return env === 'dev' ? [file, `${file}.map`] : [file];
}

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
  .outputs(({ bundle, env }) => withMap(`${out}/${env}/css/${bundle}.css`, env))
  .action(async (_ctx, { bundle, env }) => {
    const { buildStyles } = await import('./examples/build/styles.ts');
    await buildStyles(`${src}/scss/${bundle}.scss`, `${out}/${env}/css/${bundle}.css`, env);
  });

task('scripts::[env]')
  .args({ env: envs })
  .describe('The JavaScript of the page, Bootstrap included')
  .inputs(`${src}/js/**/*.ts`)
  .outputs(({ env }) => withMap(`${out}/${env}/js/site.js`, env))
  .action(async (_ctx, { env }) => {
    const { buildScripts } = await import('./examples/build/scripts.ts');
    await buildScripts(`${src}/js/site.ts`, `${out}/${env}/js/site.js`, env);
  });

const icons = task('icons::[shard]')
  .args({ shard: shards })
  .describe('One eighth of the Bootstrap icons, optimised')
  .inputs(({ shard }) => iconFiles().filter((_, index) => index % shards.length === shard))
  .outputs(`${out}/icons/[shard].svg`)
  .action(async (ctx, { shard }) => {
    const { optimiseIcons } = await import('./examples/build/icons.ts');
    return optimiseIcons(ctx.inputs, `${out}/icons/${shard}.svg`);
  });

const sprite = task('sprite')
  .describe('All icons in one file')
  .deps('icons::*')
  .inputs(...shards.map((shard) => `${out}/icons/${shard}.svg`))
  .outputs(`${out}/sprite.svg`)
  .action(async (ctx) => {
    const { joinShards } = await import('./examples/build/icons.ts');
    return joinShards(ctx.inputs, `${out}/sprite.svg`);
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
  .inputs(`${src}/index.html`, `${out}/sprite.svg`)
  .outputs(`${out}/[env]/index.html`)
  .action(async (ctx, { env }) => {
    const { buildPage } = await import('./examples/build/page.ts');
    const iconCount = ctx.result(sprite.of());
    await buildPage(`${src}/index.html`, `${out}/${env}/index.html`, {
      env,
      iconCount,
      sprite: `${out}/sprite.svg`,
    });
  });

task('site::[env]')
  .args({ env: envs })
  .describe('The whole site')
  .deps('styles::*::[env]', 'scripts::[env]', page, 'static');

/** Which task makes what of a site. */
const parts = {
  css: { madeBy: 'styles::*', files: 'css/*' },
  js: { madeBy: 'scripts', files: 'js/*' },
  page: { madeBy: 'page', files: 'index.html' },
};

const sizes = task('sizes::[part]::[env]')
  .args({ part: ['css', 'js', 'page'], env: envs })
  .describe('How large the files are, raw and compressed as well as can be')
  .deps(({ part, env }) => `${parts[part].madeBy}::${env}`)
  .inputs(({ part, env }) => `${out}/${env}/${parts[part].files}`)
  .action(async (ctx) => {
    const { measureFile } = await import('./examples/build/sizes.ts');
    return ctx.inputs.map(measureFile);
  });

const sharedSizes = task('sizes::shared')
  .describe('The same for what both environments share')
  .deps(sprite, 'static')
  .inputs(`${out}/sprite.svg`, `${out}/static/*`)
  .action(async (ctx) => {
    const { measureFile } = await import('./examples/build/sizes.ts');
    return ctx.inputs.map(measureFile);
  });

task('report')
  .describe('A table of all sizes, after everything')
  .deps('site::*', sharedSizes, 'sizes::*::*', 'icons::*')
  .outputs(`${out}/report.md`)
  .locks(`${out}/report.md`)
  .action(async (ctx) => {
    const { totalOf, writeReport } = await import('./examples/build/sizes.ts');
    const sizesOfSite = (env: (typeof envs)[number]) =>
      (['css', 'js', 'page'] as const).flatMap((part) => ctx.result(sizes.of({ part, env })));
    const files = [...envs.flatMap(sizesOfSite), ...ctx.result(sharedSizes.of())];
    const singleIcons = shards.map((shard) => ctx.result(icons.of({ shard })));
    const total = totalOf('all files', files);
    const rows = [...files, total, totalOf('all icons, one by one', singleIcons)];
    await writeReport(rows, `${out}/report.md`);
    return total;
  });

/** Last, and only if all else went well; never two at a time, since they share a folder. */
task('deploy::[env]')
  .args({ env: envs })
  .describe('Puts the site where it is served')
  .deps('site::[env]', NO_FAILURES)
  .wave(1)
  .locks('www')
  .noSkip()
  .action(async (_ctx, { env }) => {
    await cp(`${out}/${env}`, `${out}/www/${env}`, { recursive: true });
    await cp(`${out}/static`, `${out}/www/static`, { recursive: true });
  });

/** Several may look at the folder at a time, but not while something is put there. */
task('check::[env]')
  .args({ env: envs })
  .describe('Whether all that the page links to is there')
  .deps('deploy::[env]')
  .wave(1)
  .locks(shared('www'))
  .action(async (_ctx, { env }) => {
    const page = await readFile(`${out}/www/${env}/index.html`, 'utf8');
    const links = [...page.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, path]) => path);
    for (const path of links) await access(`${out}/www/${env}/${path}`);
    return links.length;
  });

task('default').describe('The site for both environments, and the report').deps('report');

/** A task of gulp's own: both kinds live side by side. */
const clean = () => rm(out, { recursive: true, force: true });
clean.description = 'Removes what was built';
gulp.task('clean', clean);
