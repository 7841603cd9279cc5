// Workers stay warm for the next task; `.isolate()` gives a fresh one to every run.
import { configure, run, task } from 'parproc';

configure({ parallel: 1 });

let calls = 0;
task('warm::[n]').action(() => ++calls);
task('fresh')
  .isolate()
  .action(() => ++calls);

const { results } = await run('warm::1', 'warm::2', 'fresh');
console.log(results['warm::1'], results['warm::2'], results.fresh);

// $ node examples/parproc/isolate.mjs
// [04:53:46] ▶ warm::1  declares no inputs
// [04:53:46] ✔ warm::1  237 ms
// [04:53:46] ▶ warm::2  declares no inputs
// [04:53:46] ✔ warm::2  7 ms
// [04:53:46] ▶ fresh  declares no inputs
// [04:53:47] ✔ fresh  250 ms
// [04:53:47] 3 ran, 0 up to date, 0 failed in 504 ms
// 1 2 1
