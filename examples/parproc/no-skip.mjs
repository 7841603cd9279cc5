// For tasks with effects outside: they run whenever they are asked for.
import { run, task } from 'parproc';

task('build')
  .inputs('examples/parproc/no-skip.mjs')
  .action(() => {});
task('deploy')
  .deps('build')
  .noSkip()
  .action(() => {});

await run('deploy');

// $ node examples/parproc/no-skip.mjs
// [04:53:49] ▶ build  first run
// [04:53:49] ✔ build  251 ms
// [04:53:49] ▶ deploy  runs every time
// [04:53:49] ✔ deploy  3 ms
// [04:53:49] 2 ran, 0 up to date, 0 failed in 268 ms
// $ node examples/parproc/no-skip.mjs
// [04:53:50] ▶ deploy  runs every time
// [04:53:50] ✔ deploy  219 ms
// [04:53:50] 1 ran, 1 up to date, 0 failed in 238 ms
