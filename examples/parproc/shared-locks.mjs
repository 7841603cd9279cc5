// Readers beside each other, the writer alone; and a lock that two may hold.
import { configure, run, shared, task } from 'parproc';

configure({ locks: { network: 2 }, parallel: 1 });

task('report::[n]')
  .args({ n: [1, 2] })
  .locks(shared('db'), 'network')
  .action(() => {});

task('migrate')
  .locks('db')
  .action(() => {});

await run('report::*', 'migrate');

// $ node examples/parproc/shared-locks.mjs
// [04:54:01] ▶ report::1  declares no inputs
// [04:54:01] ✔ report::1  335 ms
// [04:54:01] ▶ report::2  declares no inputs
// [04:54:01] ✔ report::2  9 ms
// [04:54:01] ▶ migrate  declares no inputs
// [04:54:02] ✔ migrate  14 ms
// [04:54:02] 3 ran, 0 up to date, 0 failed in 391 ms
