// An environment variable that counts as an input.
import { run, task } from 'parproc';

task('build')
  .inputs('examples/parproc/env.mjs')
  .env('NODE_ENV')
  .action(() => `built for ${process.env.NODE_ENV}`);

const { results } = await run('build');
console.log(results.build);

// $ NODE_ENV=dev node examples/parproc/env.mjs
// [04:53:28] ▶ build  first run
// [04:53:29] ✔ build  218 ms
// [04:53:29] 1 ran, 0 up to date, 0 failed in 230 ms
// built for dev
// $ NODE_ENV=dev node examples/parproc/env.mjs
// [04:53:29] 0 ran, 1 up to date, 0 failed in 27 ms
// built for dev
// $ NODE_ENV=prod node examples/parproc/env.mjs
// [04:53:29] ▶ build  NODE_ENV changed
// [04:53:30] ✔ build  224 ms
// [04:53:30] 1 ran, 0 up to date, 0 failed in 232 ms
// built for prod
