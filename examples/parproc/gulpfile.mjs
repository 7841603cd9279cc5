// The same tasks for gulp: by name, as functions, and beside tasks of gulp's own.
import gulp from 'gulp';
import { parproc, task } from 'parproc';

gulp.registry(parproc({ parallel: 1 }));

/** @param {() => void} done */
export const clean = (done) => done();

const build = task('build::[env]')
  .args({ env: ['dev', 'prod'] })
  .describe('The bundle')
  .deps('clean')
  .action(() => {});

task('report')
  .deps('build::*')
  .action(() => {});

/** @param {() => void} done */
const upload = (done) => done();

export const release = gulp.series(build.gulp({ env: 'prod' }), upload);

// $ gulp -f examples/parproc/gulpfile.mjs --tasks
// [04:53:39] Working directory changed to ~/examples/parproc
// Tasks for ~/examples/parproc/gulpfile.mjs
// ├── clean
// ├─┬ release
// │ └─┬ <series>
// │   ├── build::prod
// │   └── upload
// ├─┬ build::[env]  The bundle
// │ │ [env]         …dev | prod
// │ └─┬ <parallel>
// │   └── clean
// └─┬ report
//   └─┬ <parallel>
//     └── build::*
// $ gulp -f examples/parproc/gulpfile.mjs report
// [04:53:40] Working directory changed to ~/examples/parproc
// [04:53:41] Starting 'report'...
// [04:53:41] Starting 'clean'...
// [04:53:41] Finished 'clean' after 5.37 ms
// [04:53:41] ▶ build::dev  first run
// [04:53:41] ✔ build::dev  398 ms
// [04:53:41] ▶ build::prod  first run
// [04:53:41] ✔ build::prod  1 ms
// [04:53:41] ▶ report  first run
// [04:53:41] ✔ report  2 ms
// [04:53:41] Finished 'report' after 618 ms
// [04:53:41] 3 ran, 0 up to date, 0 failed in 420 ms
// $ gulp -f examples/parproc/gulpfile.mjs release
// [04:53:41] Working directory changed to ~/examples/parproc
// [04:53:42] Starting 'release'...
// [04:53:42] Starting 'build::prod'...
// [04:53:42] Starting 'clean'...
// [04:53:42] Finished 'clean' after 894 μs
// [04:53:42] ▶ build::prod  clean changed
// [04:53:42] ✔ build::prod  388 ms
// [04:53:42] Finished 'build::prod' after 554 ms
// [04:53:42] Starting 'upload'...
// [04:53:42] Finished 'upload' after 500 μs
// [04:53:42] Finished 'release' after 557 ms
// [04:53:42] 1 ran, 0 up to date, 0 failed in 409 ms
