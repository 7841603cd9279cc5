// Wait no longer than that; the task goes on.
import { start, task, wait } from 'parproc';

task('slow').action((ctx) => ctx.exec('sleep', ['1']));

await start('slow');
await wait('slow', { timeout: 100 }).catch((error) => console.log(error.name, error.code));

// $ node examples/parproc/wait-timeout.mjs
// [04:54:11] ▶ slow  declares no inputs
// TimeoutError wait-timeout
// [04:54:13] ✔ slow  1.9 s
// [04:54:13] 1 ran, 0 up to date, 0 failed in 1.9 s
