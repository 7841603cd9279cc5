// Every task has a state, and each state is a word.
import { configure, start, states, task, waitForAll } from 'parproc';

configure({ parallel: 1 });

task('idle').action(() => {});
task('good').action(() => {});
task('lazy').action((ctx) => ctx.skip('nothing to do'));
task('bad').action((ctx) => ctx.fail('out of luck'));
task('victim')
  .deps('bad')
  .action(() => {});

start('good', 'lazy', 'victim');
await waitForAll({ throwOnFailure: false });
console.log(states());

// $ node examples/parproc/states.mjs
// [04:54:05] ▶ bad  declares no inputs
// [04:54:05] ✖ bad  failed after 445 ms
//   ┃ out of luck
//   ┃ defined at examples/parproc/states.mjs:9:1
// [04:54:05] ⊘ victim  not run: bad failed
// [04:54:05] ▶ good  declares no inputs
// [04:54:05] ✔ good  2 ms
// [04:54:05] ▶ lazy  declares no inputs
// [04:54:05] ↷ lazy  skipped: nothing to do
// [04:54:05] 1 ran, 0 up to date, 1 skipped, 1 failed, 1 not run because of failures in 467 ms
// Map(5) {
//   'idle' => 'idle',
//   'good' => 'succeeded',
//   'lazy' => 'skipped',
//   'bad' => 'failed',
//   'victim' => 'dependency-failed'
// }
