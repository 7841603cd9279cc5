// Past its limit the whole process group of a task is stopped.
import { run, task } from 'parproc';

task('hang')
  .timeout('0.5s')
  .action((ctx) => ctx.exec('sleep', ['60']));

run('hang');

// $ node examples/parproc/timeout.mjs
// [04:54:06] ▶ hang  declares no inputs
// [04:54:07] ✖ hang  failed after 1.1 s
//   ┃ It took longer than its limit of 500 ms and was stopped.
//   ┃ defined at examples/parproc/timeout.mjs:4:1
// [04:54:07] 0 ran, 0 up to date, 1 failed in 1.1 s
// (exit code 1)
