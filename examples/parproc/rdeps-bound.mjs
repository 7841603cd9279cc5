// Placeholders are bound: deploy::prod pulls in check::prod, not check::dev.
import { create, run, task } from 'parproc';

task('check::[env]')
  .rdeps('deploy::[env]')
  .action(() => {});

task('deploy::[env]').action(() => {});

create('check::dev');
await run('deploy::prod');

// $ node examples/parproc/rdeps-bound.mjs
// [04:53:56] ▶ check::prod  declares no inputs
// [04:53:56] ✔ check::prod  211 ms
// [04:53:56] ▶ deploy::prod  first run
// [04:53:56] ✔ deploy::prod  2 ms
// [04:53:56] 2 ran, 0 up to date, 0 failed in 229 ms
