// All that is wrong with a request is said at once, before anything runs.
import { run, task } from 'parproc';

task('a').deps('b', 'lint::all');
task('b').deps('a');

await run('a', 'biuld');

// $ node examples/parproc/errors.mjs
// unknown-task
//   'biuld' matches no task.
//   `gulp --tasks` lists what there is.
// examples/parproc/errors.mjs:4:1  unknown-task
//   'a' depends on 'lint::all', which does not exist: it matches no task.
//   `gulp --tasks` lists what there is. With the option allowMissingDeps: true only 'a' would fail.
// examples/parproc/errors.mjs:4:1  dependency-cycle
//   Tasks wait for each other: a → b → a.
//   Take one of these deps away.
// (exit code 2)
