// Tasks that depend on each other, all started as soon as something runs.
import { task, waitForAll } from 'parproc';

task('func0')
  .now()
  .action(() => 'zero');

task('func1')
  .now()
  .deps('func0')
  .action(() => 'one');

task('func2')
  .now()
  .deps('func0', 'func1')
  .action((ctx) => console.log(`${ctx.results.func0} and ${ctx.results.func1}`));

await waitForAll();

// $ node examples/parproc/usage.mjs
// [04:54:09] ▶ func0  declares no inputs
// [04:54:09] ✔ func0  603 ms
// [04:54:09] ▶ func1  first run
// [04:54:09] ✔ func1  14 ms
// [04:54:09] ▶ func2  first run
// [04:54:09] ✔ func2  28 ms
//   │ zero and one
// [04:54:09] 3 ran, 0 up to date, 0 failed in 669 ms
