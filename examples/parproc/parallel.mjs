// At most so many tasks at a time. What leads the longest chain goes first.
import { configure, run, task } from 'parproc';

configure({ parallel: 1 });

const nothing = () => {};
task('short').action(nothing);
task('long').action(nothing);
task('after-long').deps('long').action(nothing);

await run('short', 'after-long');

// $ node examples/parproc/parallel.mjs
// [04:53:51] ▶ long  declares no inputs
// [04:53:51] ✔ long  228 ms
// [04:53:51] ▶ short  declares no inputs
// [04:53:51] ✔ short  8 ms
// [04:53:51] ▶ after-long  first run
// [04:53:51] ✔ after-long  5 ms
// [04:53:51] 3 ran, 0 up to date, 0 failed in 251 ms
