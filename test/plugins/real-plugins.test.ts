import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import gulp from 'gulp';
import * as sass from 'sass';
import { PluginError, pooled, pooledPlugin } from '../../plugins/index.ts';
import { siteFiles, treeOf, writeBinaries } from '../rig/gulp-site.ts';
import { TempProject } from '../rig/temp-project.ts';

type Plugin = (...args: unknown[]) => NodeJS.ReadWriteStream;
// None of them has types.
const require = createRequire(import.meta.url);
const gulpSass = require('gulp-sass') as (compiler: unknown) => Plugin;
const postcss = require('gulp-postcss') as Plugin;
const terser = require('gulp-terser') as Plugin;
const svgmin = require('gulp-svgmin') as Plugin;
const concat = require('gulp-concat') as Plugin;
const autoprefixer = require('autoprefixer') as () => unknown;

const project = new TempProject({
  ...siteFiles,
  'tools.cjs': `
    const sass = require('gulp-sass')(require('sass'));
    const postcss = require('gulp-postcss');
    const autoprefixer = require('autoprefixer');
    exports.styles = (options) => [sass(options), postcss([autoprefixer()])];
    exports.none = () => 5;
  `,
});
const binaries = writeBinaries(project.folder);
after(() => project[Symbol.dispose]());
const tools = pathToFileURL(join(project.folder, 'tools.cjs'));

type Pipeline = readonly NodeJS.ReadWriteStream[];

/** What a pipeline writes, with source maps beside the files. */
async function written(glob: string, into: string, pipeline: Pipeline) {
  const dest = join(project.folder, into);
  // gulp makes text of everything that it looks for source maps in.
  const sourcemaps = !glob.includes('/img/');
  const source = gulp.src(glob, { cwd: project.folder, sourcemaps, encoding: false });
  const streams = [source, ...pipeline, gulp.dest(dest, sourcemaps ? { sourcemaps: '.' } : {})];
  const failed = streams.map(
    (stream) => new Promise<never>((_, reject) => void stream.on('error', reject)),
  );
  const end = streams.reduce((from, to) => from.pipe(to));
  await Promise.race([finished(end.resume()), ...failed]);
  return treeOf(dest);
}

const minify = { compress: { passes: 2 }, mangle: true };
const styles = { style: 'expanded' };

const pairs: Record<string, { glob: string; plain: () => Pipeline; inPool: () => Pipeline }> = {
  'gulp-terser': {
    glob: 'src/js/*.js',
    plain: () => [terser(minify)],
    inPool: () => [pooledPlugin<unknown>('gulp-terser', { options: minify })],
  },
  'gulp-sass and gulp-postcss': {
    glob: 'src/scss/*.scss',
    plain: () => [gulpSass(sass)(styles), postcss([autoprefixer()])],
    inPool: () => [pooledPlugin<unknown>({ module: tools, export: 'styles' }, { options: styles })],
  },
  'gulp-svgmin': {
    glob: 'src/icons/*.svg',
    plain: () => [svgmin()],
    inPool: () => [pooledPlugin('gulp-svgmin')],
  },
  'gulp-terser before gulp-concat': {
    glob: 'src/js/*.js',
    plain: () => [terser(minify), concat('all.js')],
    inPool: () => [pooledPlugin<unknown>('gulp-terser', { options: minify }), concat('all.js')],
  },
};

for (const [name, { glob, plain, inPool }] of Object.entries(pairs)) {
  test(`${name} in the pool writes the same bytes and source maps as without`, async () => {
    const expected = await written(glob, `plain/${name}`, plain());
    assert.ok(Object.keys(expected).some((path) => path.endsWith('.map')));
    assert.deepEqual(await written(glob, `pooled/${name}`, inPool()), expected);
  });
}

test('png and woff2 come through byte for byte', async () => {
  await written('src/img/*', 'out/img', [pooled((file) => file.contents)]);
  for (const [path, bytes] of binaries) {
    const copy = join('out/img', path.replace('src/img/', ''));
    assert.ok(bytes.equals(readFileSync(join(project.folder, copy))), path);
  }
});

for (const [glob, path, text, plugin, name] of [
  ['src/bad/*.js', 'src/bad/x.js', 'let = ;', () => pooledPlugin('gulp-terser'), 'gulp-terser'],
  [
    'src/bad/*.scss',
    'src/bad/x.scss',
    'a { color: $none; }',
    () => pooledPlugin<unknown>({ module: tools, export: 'styles' }),
    'styles',
  ],
] as const) {
  test(`an error of ${name} in the pool names the plugin and the file`, async () => {
    project.write(path, text);
    await assert.rejects(written(glob, 'out/bad', [plugin()]), (error) => {
      assert.ok(error instanceof PluginError);
      assert.deepEqual([error.plugin, error.fileName], [name, join(project.folder, path)]);
      return true;
    });
  });
}

test('what is no plugin is an error that says what to return', async () => {
  const plugin = pooledPlugin<unknown>({ module: tools, export: 'none' });
  await assert.rejects(written('src/js/a.js', 'out/none', [plugin]), /It returned no stream/);
});

test('a package that is not there is an error when the stream is made', () => {
  assert.throws(() => pooledPlugin('gulp-no-such-plugin'), /gulp-no-such-plugin/);
  assert.throws(
    () => pooledPlugin('./tools.cjs'),
    /new URL\('\.\/tools\.cjs', import\.meta\.url\)/,
  );
});
