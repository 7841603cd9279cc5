// A dep that nothing stands for is an error, unless it may be missing.
import { configure, run, task } from 'parproc';

task('build').action(() => {});
task('deploy')
  .deps('biuld')
  .action(() => {});

await run('deploy').catch((error) => console.log(error.message));

configure({ allowMissingDeps: true });
run('deploy');

// $ node examples/parproc/missing-deps.mjs
// examples/parproc/missing-deps.mjs:5:1  unknown-task
//   'deploy' depends on 'biuld', which does not exist: it matches no task.
//   Did you mean 'build'? With the option allowMissingDeps: true only 'deploy' would fail.
// [04:53:48] ✖ biuld  there is no such task
// [04:53:48] ⊘ deploy  not run: biuld failed
// [04:53:48] 0 ran, 0 up to date, 0 failed, 1 not run because of failures in 35 ms
// (exit code 1)
