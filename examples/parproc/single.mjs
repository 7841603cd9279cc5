// Everything in this process, for a debugger or for tasks that share state.
import { configure, run, task } from 'parproc';

configure({ mode: 'single' });

let count = 0;
task('one').action(() => ++count);
task('two')
  .deps('one')
  .action(() => ++count);

await run('two');
console.log(count);

// $ node examples/parproc/single.mjs
// [04:54:02] ▶ one  declares no inputs
// [04:54:02] ✔ one  16 ms
// [04:54:02] ▶ two  first run
// [04:54:02] ✔ two  0 ms
// [04:54:02] 2 ran, 0 up to date, 0 failed in 24 ms
// 2
