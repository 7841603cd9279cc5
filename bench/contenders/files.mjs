// Passes files through a gulp pipeline, plain or pooled, in a process of its own; prints milliseconds.
// node files.mjs plain|pooled terser|sass|icons SOURCE DEST
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import gulp from 'gulp';
import { pooledPlugin } from 'parproc/plugins';

const [, , way, name, source, dest] = process.argv;
const require = createRequire(import.meta.url);
const tools = new URL('plugins.cjs', import.meta.url);

const begin = performance.now();
const plugin =
  way === 'plain'
    ? require('./plugins.cjs')[name]()
    : pooledPlugin({ module: tools, export: name });
const end = gulp.src(`${source}/*`).pipe(plugin).pipe(gulp.dest(dest));
await finished(end.resume());
console.log(performance.now() - begin);
