// Values for the whole build. A task runs again when one that it has read has changed.
import { params, run, task } from 'parproc';

params({ version: process.argv[2], color: 'red' });

task('stamp')
  .inputs('examples/parproc/params.mjs')
  .action((ctx) => `version ${ctx.params.version}`);

const { results } = await run('stamp');
console.log(results.stamp);

// $ node examples/parproc/params.mjs 1
// [04:53:52] ▶ stamp  first run
// [04:53:52] ✔ stamp  241 ms
// [04:53:52] 1 ran, 0 up to date, 0 failed in 254 ms
// version 1
// $ node examples/parproc/params.mjs 1
// [04:53:52] 0 ran, 1 up to date, 0 failed in 12 ms
// version 1
// $ node examples/parproc/params.mjs 2
// [04:53:53] ▶ stamp  the param version changed
// [04:53:53] ✔ stamp  349 ms
// [04:53:53] 1 ran, 0 up to date, 0 failed in 361 ms
// version 2
