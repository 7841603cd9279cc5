// Another attempt after a failure, a timeout or a lost process.
import { run, task } from 'parproc';

task('fetch')
  .retries(2, { delay: 50, backoff: 2 })
  .action((ctx) => {
    if (ctx.attempt < 3) ctx.fail(`no answer to attempt ${ctx.attempt}`);
  });

await run('fetch');

// $ node examples/parproc/retries.mjs
// [04:53:58] ▶ fetch  declares no inputs
// [04:53:58] ↻ fetch  attempt 1 failed, again in 50 ms
//   ┃ no answer to attempt 1
// [04:53:58] ↻ fetch  attempt 2 failed, again in 100 ms
//   ┃ no answer to attempt 2
// [04:53:58] ✔ fetch  505 ms
// [04:53:58] 1 ran, 0 up to date, 0 failed in 517 ms
