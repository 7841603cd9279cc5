// Workers import this file too. What it asks for never settles there, so nothing runs twice.
import { isWorker, run, task } from 'parproc';

task('build').action(() => `in a worker: ${isWorker}`);

const { results } = await run('build');
console.log(results.build, '- and here:', isWorker);

// $ node examples/parproc/unguarded.mjs
// [04:54:08] ▶ build  declares no inputs
// [04:54:08] ✔ build  590 ms
// [04:54:08] 1 ran, 0 up to date, 0 failed in 628 ms
// in a worker: true - and here: false
