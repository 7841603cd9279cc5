// What needs a failed task is not run; the rest goes on.
import { configure, run, task } from 'parproc';

configure({ parallel: 1 });

task('compile').action((ctx) => ctx.fail('a semicolon is missing'));
task('bundle')
  .deps('compile')
  .action(() => {});
task('release')
  .deps('bundle')
  .action(() => {});
task('docs').action(() => {});

run('release', 'docs');

// $ node examples/parproc/failed-deps.mjs
// [04:53:34] ▶ compile  declares no inputs
// [04:53:35] ✖ compile  failed after 459 ms
//   ┃ a semicolon is missing
//   ┃ defined at examples/parproc/failed-deps.mjs:6:1
// [04:53:35] ⊘ 2 tasks  not run: compile failed (bundle, release)
// [04:53:35] ▶ docs  declares no inputs
// [04:53:35] ✔ docs  8 ms
// [04:53:35] 1 ran, 0 up to date, 1 failed, 2 not run because of failures in 599 ms
// (exit code 1)
