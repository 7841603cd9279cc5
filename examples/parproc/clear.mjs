// Forget all tasks and results; options stay.
import { clear, results, run, states, task, waitForAll } from 'parproc';

task('a').action(() => 1);
await run('a');
await waitForAll();
clear();
console.log(Object.keys(results()), states().size);

// $ node examples/parproc/clear.mjs
// [04:53:21] ▶ a  declares no inputs
// [04:53:21] ✔ a  287 ms
// [04:53:21] 1 ran, 0 up to date, 0 failed in 301 ms
// [] 0
