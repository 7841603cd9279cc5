// An exception: the place in the task's code, what it printed, and how to repeat it.
import { run, task } from 'parproc';

task('build').action(() => {
  console.log('reading config');
  throw new TypeError('no target given');
});

run('build');

// $ node examples/parproc/exception.mjs
// [04:53:30] ▶ build  declares no inputs
// [04:53:31] ✖ build  failed after 289 ms
//   │ reading config
//   ┃ TypeError: no target given
//   ┃   at Object.run (file://./examples/parproc/exception.mjs:6:9)
//   ┃ defined at examples/parproc/exception.mjs:4:1
//   ┃ log: .parproc/logs/20261125-045331-012/build.log
// [04:53:31] 0 ran, 0 up to date, 1 failed in 297 ms
// (exit code 1)
