// Wait for everything, or for some; then ask what they returned.
import { results, start, task, wait, waitForAll } from 'parproc';

task('build::[env]').action((_ctx, { env }) => `built ${env}`);

start('build::prod');
await wait('build::prod');
await waitForAll();
console.log(results()['build::prod']);

// $ node examples/parproc/results.mjs
// [04:53:57] ▶ build::prod  declares no inputs
// [04:53:57] ✔ build::prod  289 ms
// [04:53:57] 1 ran, 0 up to date, 0 failed in 297 ms
// built prod
