// Of all tasks that hold the same lock only one runs at a time.
import { run, task } from 'parproc';

task('deploy::[env]')
  .args({ env: ['dev', 'prod'] })
  .locks('deploy-lock')
  .action(() => {});

await run('deploy::*');

// $ node examples/parproc/locks.mjs
// [04:53:48] ▶ deploy::dev  declares no inputs
// [04:53:48] ✔ deploy::dev  172 ms
// [04:53:48] ▶ deploy::prod  declares no inputs
// [04:53:48] ✔ deploy::prod  2 ms
// [04:53:48] 2 ran, 0 up to date, 0 failed in 194 ms
