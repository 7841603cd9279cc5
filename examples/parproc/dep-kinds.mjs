// A pattern, a filled name, a function and a condition.
import { configure, NO_FAILURES, run, task } from 'parproc';

configure({ parallel: 1 });

const nothing = () => {};
task('build::[env]').action(nothing);
task('lint::[what]').action(nothing);
task('provision::[env]').action(nothing);

task('deploy::[env]')
  .deps(
    'build::[env]', // filled from the arguments of deploy
    'lint::all', // made from its proto
    ({ env }) => `provision::${env}`, // a name or several
    NO_FAILURES, // only if nothing has failed
  )
  .action(nothing);

await run('deploy::prod');

// $ node examples/parproc/dep-kinds.mjs
// [04:53:23] ▶ build::prod  declares no inputs
// [04:53:23] ✔ build::prod  386 ms
// [04:53:23] ▶ lint::all  declares no inputs
// [04:53:23] ✔ lint::all  10 ms
// [04:53:23] ▶ provision::prod  declares no inputs
// [04:53:23] ✔ provision::prod  6 ms
// [04:53:23] ▶ deploy::prod  first run
// [04:53:23] ✔ deploy::prod  8 ms
// [04:53:23] 4 ran, 0 up to date, 0 failed in 433 ms
