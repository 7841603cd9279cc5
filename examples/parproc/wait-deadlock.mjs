// A wait that could never end is an error, not a hang.
import { run, task } from 'parproc';

task('outer')
  .locks('db')
  .action((ctx) => ctx.run('inner'));

task('inner')
  .locks('db')
  .action(() => {});

run('outer');

// $ node examples/parproc/wait-deadlock.mjs
// [04:54:10] ▶ outer  declares no inputs
// [04:54:10] ✖ outer  failed after 547 ms
//   ┃ DefinitionError: wait-deadlock
//   ┃   'outer' waits for what can never end: 'outer' waits for 'inner', 'inner' needs the lock 'db', which 'outer' has.
//   ┃   Name what it needs in .deps(), or do not wait for it inside of the task.
//   ┃ defined at examples/parproc/wait-deadlock.mjs:4:1
// [04:54:10] ▶ inner  declares no inputs
// [04:54:10] ✔ inner  17 ms
// [04:54:10] 1 ran, 0 up to date, 1 failed in 577 ms
// (exit code 1)
