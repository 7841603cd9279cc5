// Past the soft limit the signal is aborted, and the task may still end by itself.
import { once } from 'node:events';
import { run, task } from 'parproc';

task('measure')
  .softTimeout('100ms')
  .timeout('1m')
  .action(async (ctx) => {
    const rest = setTimeout(() => {}, 60_000);
    await once(ctx.signal, 'abort');
    clearTimeout(rest);
    return ctx.signal.reason.name;
  });

const { results } = await run('measure');
console.log(results.measure);

// $ node examples/parproc/soft-timeout.mjs
// [04:54:04] ▶ measure  declares no inputs
// [04:54:04] ✔ measure  300 ms
// [04:54:04] 1 ran, 0 up to date, 0 failed in 311 ms
// SoftTimeLimitExceeded
