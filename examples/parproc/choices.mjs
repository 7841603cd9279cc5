// Only some values are allowed, so a glob knows what to stand for.
import { configure, create, start, task, wait } from 'parproc';

configure({ parallel: 1 });

task('build::[env]')
  .args({ env: ['dev', 'prod'] })
  .action((_ctx, { env }) => `built ${env}`);

const names = create('build::*');
await start(names);
console.log(await wait(names));

create('build::qa');

// $ node examples/parproc/choices.mjs
// [04:53:20] ▶ build::dev  declares no inputs
// [04:53:20] ✔ build::dev  404 ms
// [04:53:20] ▶ build::prod  declares no inputs
// [04:53:20] ✔ build::prod  7 ms
// [04:53:20] 2 ran, 0 up to date, 0 failed in 421 ms
// { 'build::dev': 'built dev', 'build::prod': 'built prod' }
// examples/parproc/choices.mjs:6:1  argument-not-a-choice
//   'qa' is no [env] of 'build::[env]': allowed choices are dev, prod.
// (exit code 2)
