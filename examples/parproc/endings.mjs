// How a task can end without an exception.
import { configure, run, task } from 'parproc';

configure({ parallel: 1 });

task('skipped').action((ctx) => ctx.skip('not on Sundays'));
task('unchanged').action((ctx) => ctx.noChange());
task('failed').action((ctx) => ctx.fail('The disk is full.'));

run('skipped', 'unchanged', 'failed');

// $ node examples/parproc/endings.mjs
// [04:53:28] ▶ skipped  declares no inputs
// [04:53:28] ↷ skipped  skipped: not on Sundays
// [04:53:28] ▶ unchanged  declares no inputs
// [04:53:28] ↷ unchanged  no change
// [04:53:28] ▶ failed  declares no inputs
// [04:53:28] ✖ failed  failed after 10 ms
//   ┃ The disk is full.
//   ┃ defined at examples/parproc/endings.mjs:8:1
// [04:53:28] 0 ran, 0 up to date, 2 skipped, 1 failed in 416 ms
// (exit code 1)
