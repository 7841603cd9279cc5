// Deps have to succeed first; asking for one task is asking for all that it needs.
import { run, task } from 'parproc';

task('build').action(() => 'bundle.js');
task('test')
  .deps('build')
  .action(() => 42);
task('deploy')
  .deps('build', 'test')
  .action((ctx) => console.log(`${ctx.results.build}, ${ctx.results.test} tests`));

await run('deploy');

// $ node examples/parproc/deps.mjs
// [04:53:27] ▶ build  declares no inputs
// [04:53:27] ✔ build  289 ms
// [04:53:27] ▶ test  first run
// [04:53:27] ✔ test  5 ms
// [04:53:27] ▶ deploy  first run
// [04:53:27] ✔ deploy  3 ms
//   │ bundle.js, 42 tests
// [04:53:27] 3 ran, 0 up to date, 0 failed in 316 ms
