// A task that does not make its outputs has failed.
import { run, task } from 'parproc';

task('build')
  .outputs('bundle.js')
  .action(() => {});

run('build');

// $ node examples/parproc/outputs-missing.mjs
// [04:53:50] ▶ build  declares no inputs
// [04:53:51] ✖ build  failed after 277 ms
//   ┃ It did not make what it declares as outputs:
//   ┃   bundle.js
//   ┃ defined at examples/parproc/outputs-missing.mjs:4:1
// [04:53:51] 0 ran, 0 up to date, 1 failed in 288 ms
// (exit code 1)
