// Nothing new starts after a failure. On gulp's command line: --fail-fast.
import { configure, run, task } from 'parproc';

configure({ failureMode: 'no-new', parallel: 1 });

task('one').action((ctx) => ctx.fail('broken'));
task('two').action(() => {});

run('one', 'two');

// $ node examples/parproc/fail-fast.mjs
// [04:53:33] ▶ one  declares no inputs
// [04:53:33] ✖ one  failed after 516 ms
//   ┃ broken
//   ┃ defined at examples/parproc/fail-fast.mjs:6:1
// [04:53:33] ⊘ two  cancelled
// [04:53:34] 0 ran, 0 up to date, 1 failed, 1 cancelled in 548 ms
// (exit code 1)
