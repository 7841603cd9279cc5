// The target pulls the declarer in, never the other way.
import { run, task, whenTargetScheduled } from 'parproc';

task('backup')
  .rdeps(whenTargetScheduled('deploy'))
  .action(() => {});

task('deploy').action(() => {});

await run('backup');
await run('deploy');

// $ node examples/parproc/when-target-scheduled.mjs
// [04:54:17] ▶ backup  declares no inputs
// [04:54:18] ✔ backup  579 ms
// [04:54:18] 1 ran, 0 up to date, 0 failed in 593 ms
// [04:54:18] ▶ backup  declares no inputs
// [04:54:18] ✔ backup  22 ms
// [04:54:18] ▶ deploy  first run
// [04:54:18] ✔ deploy  6 ms
// [04:54:18] 2 ran, 0 up to date, 0 failed in 31 ms
