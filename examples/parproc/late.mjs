// When the target runs already the order cannot be kept any more.
import { run, task, whenScheduled } from 'parproc';

task('migrate')
  .rdeps(whenScheduled('deploy'))
  .action(() => {});

task('deploy').action((ctx) => ctx.run('migrate'));

run('deploy');

// $ node examples/parproc/late.mjs
// [04:53:47] ▶ deploy  declares no inputs
// [04:53:47] ✖ deploy  failed after 131 ms
//   ┃ DefinitionError: examples/parproc/late.mjs:4:1  late-reverse-dep
//   ┃   'migrate' comes too late to go before 'deploy' (WhenScheduled): that has begun already.
//   ┃   Ask for 'migrate' together with 'deploy', or before it; or make it a dep of 'deploy'.
//   ┃ defined at examples/parproc/late.mjs:8:1
// [04:53:47] 0 ran, 0 up to date, 1 failed in 137 ms
// (exit code 1)
