// create, start and wait in one call. It resolves when all has ended, and rejects if a task failed.
import { run, task } from 'parproc';

task('build::[env]').action((ctx, { env }) => {
  if (env === 'moon') ctx.fail('there is no such place');
  return `built ${env}`;
});

const { ok, results } = await run('build::prod');
console.log(ok, results['build::prod']);

await run('build::moon').catch((error) => console.log(error.name, error.tasks));

// $ node examples/parproc/run.mjs
// [04:53:59] ▶ build::prod  declares no inputs
// [04:53:59] ✔ build::prod  523 ms
// [04:53:59] 1 ran, 0 up to date, 0 failed in 542 ms
// true built prod
// [04:53:59] ▶ build::moon  declares no inputs
// [04:53:59] ✖ build::moon  failed after 22 ms
//   ┃ there is no such place
//   ┃ arguments env=moon
//   ┃ defined at examples/parproc/run.mjs:4:1
// [04:53:59] 0 ran, 0 up to date, 1 failed in 24 ms
// RunFailed [ 'build::moon' ]
