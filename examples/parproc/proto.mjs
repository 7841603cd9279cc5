// A proto is a template: each name that fits it is a task.
import { create, start, task, wait } from 'parproc';

task('setup').action(() => 'done');

task('build::[env]')
  .deps('setup')
  .action((_ctx, { env }) => `built ${env}`);

const names = create('build::prod');
console.log(names);
await start(...names);
console.log(await wait(...names));

// $ node examples/parproc/proto.mjs
// [ 'build::prod' ]
// [04:53:55] ▶ setup  declares no inputs
// [04:53:55] ✔ setup  246 ms
// [04:53:55] ▶ build::prod  first run
// [04:53:55] ✔ build::prod  3 ms
// [04:53:55] 2 ran, 0 up to date, 0 failed in 265 ms
// { 'build::prod': 'built prod' }
