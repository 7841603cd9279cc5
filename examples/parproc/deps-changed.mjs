// Whether a dep has come to something else since this task last succeeded.
import { readFileSync } from 'node:fs';
import { run, task } from 'parproc';

task('build')
  .inputs('a.txt')
  .action(() => readFileSync('a.txt', 'utf8'));

task('test')
  .deps('build')
  .noSkip()
  .action((ctx) => console.log(ctx.depsChanged, ctx.changedDeps));

await run('test');

// $ echo one > a.txt
// $ node examples/parproc/deps-changed.mjs
// [04:53:25] ▶ build  first run
// [04:53:25] ✔ build  186 ms
// [04:53:25] ▶ test  runs every time
// [04:53:25] ✔ test  7 ms
//   │ true [ 'build' ]
// [04:53:25] 2 ran, 0 up to date, 0 failed in 205 ms
// $ node examples/parproc/deps-changed.mjs
// [04:53:25] ▶ test  runs every time
// [04:53:26] ✔ test  284 ms
//   │ false []
// [04:53:26] 1 ran, 1 up to date, 0 failed in 302 ms
// $ echo two > a.txt
// $ node examples/parproc/deps-changed.mjs
// [04:53:26] ▶ build  a.txt changed
// [04:53:26] ✔ build  240 ms
// [04:53:26] ▶ test  runs every time (and 1 more)
// [04:53:26] ✔ test  10 ms
//   │ true [ 'build' ]
// [04:53:26] 2 ran, 0 up to date, 0 failed in 275 ms
