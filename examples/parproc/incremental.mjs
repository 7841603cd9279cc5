// What has not changed is not run again, and what it returned is still there.
import { readFileSync, writeFileSync } from 'node:fs';
import { run, task } from 'parproc';

task('build::[target]')
  .inputs('src/[target]/**/*.txt')
  .outputs('out-[target].txt')
  .action((ctx) => {
    const text = ctx.inputs.map((file) => readFileSync(file, 'utf8')).join('');
    writeFileSync(ctx.outputs[0] ?? '', text);
    return text.length;
  });

const { results } = await run('build::app');
console.log(results['build::app']);

// $ mkdir -p src/app && echo one > src/app/a.txt
// $ node examples/parproc/incremental.mjs
// [04:53:43] ▶ build::app  first run
// [04:53:43] ✔ build::app  223 ms
// [04:53:43] 1 ran, 0 up to date, 0 failed in 238 ms
// 4
// $ node examples/parproc/incremental.mjs
// [04:53:43] 0 ran, 1 up to date, 0 failed in 20 ms
// 4
// $ echo two > src/app/b.txt
// $ node examples/parproc/incremental.mjs
// [04:53:43] ▶ build::app  src/app/b.txt is new
// [04:53:44] ✔ build::app  252 ms
// [04:53:44] 1 ran, 0 up to date, 0 failed in 283 ms
// 8
// $ rm out-app.txt
// $ node examples/parproc/incremental.mjs
// [04:53:44] ▶ build::app  out-app.txt is missing
// [04:53:44] ✔ build::app  267 ms
// [04:53:44] 1 ran, 0 up to date, 0 failed in 304 ms
// 8
// $ rm -r .parproc
// $ node examples/parproc/incremental.mjs
// [04:53:45] ▶ build::app  first run
// [04:53:45] ✔ build::app  315 ms
// [04:53:45] 1 ran, 0 up to date, 0 failed in 351 ms
// 8
