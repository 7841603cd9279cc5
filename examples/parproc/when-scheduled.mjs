// Only if migrate is asked for: then deploy is too, after it.
import { run, task, whenScheduled } from 'parproc';

task('migrate::[env]')
  .rdeps(whenScheduled('deploy::[env]'))
  .action(() => {});

task('deploy::[env]').action(() => {});

await run('deploy::dev');
await run('migrate::prod');

// $ node examples/parproc/when-scheduled.mjs
// [04:54:16] ▶ deploy::dev  declares no inputs
// [04:54:17] ✔ deploy::dev  582 ms
// [04:54:17] 1 ran, 0 up to date, 0 failed in 594 ms
// [04:54:17] ▶ migrate::prod  declares no inputs
// [04:54:17] ✔ migrate::prod  19 ms
// [04:54:17] ▶ deploy::prod  first run
// [04:54:17] ✔ deploy::prod  10 ms
// [04:54:17] 2 ran, 0 up to date, 0 failed in 37 ms
