// Run everything, up to date or not.
import { run, task } from 'parproc';

task('build::[env]')
  .inputs('examples/parproc/full.mjs')
  .action(() => {});

await run('build::prod');
await run('build::prod', { full: true });

// $ node examples/parproc/full.mjs
// [04:53:36] ▶ build::prod  first run
// [04:53:37] ✔ build::prod  341 ms
// [04:53:37] 1 ran, 0 up to date, 0 failed in 358 ms
// [04:53:37] ▶ build::prod  full run
// [04:53:37] ✔ build::prod  3 ms
// [04:53:37] 1 ran, 0 up to date, 0 failed in 5 ms
// $ node examples/parproc/full.mjs
// [04:53:37] 0 ran, 1 up to date, 0 failed in 10 ms
// [04:53:37] ▶ build::prod  full run
// [04:53:37] ✔ build::prod  265 ms
// [04:53:37] 1 ran, 0 up to date, 0 failed in 285 ms
