// A task with NO_FAILURES waits for all others, and runs only if none of them has failed.
import { configure, NO_FAILURES, run, task } from 'parproc';

configure({ parallel: 1 });

task('publish')
  .deps(NO_FAILURES)
  .action(() => {});
task('unit').action(() => {});
task('lint').action((ctx) => ctx.fail('2 warnings'));

await run('publish', 'unit', 'lint').catch(({ result }) => {
  console.log(result.tasks.get('publish').state);
});

// $ node examples/parproc/no-failures.mjs
// [04:53:48] ▶ unit  declares no inputs
// [04:53:49] ✔ unit  211 ms
// [04:53:49] ▶ lint  declares no inputs
// [04:53:49] ✖ lint  failed after 5 ms
//   ┃ 2 warnings
//   ┃ defined at examples/parproc/no-failures.mjs:10:1
// [04:53:49] ⊘ publish  not run: lint failed
// [04:53:49] 1 ran, 0 up to date, 1 failed, 1 not run because of failures in 235 ms
// dependency-failed
