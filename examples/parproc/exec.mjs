// A program as part of a task: its output is the task's, and it ends with the task.
import { run, task } from 'parproc';

task('version').action(async (ctx) => {
  const { stdout } = await ctx.exec('node', ['-p', '6 * 7']);
  return Number(stdout);
});

const { results } = await run('version');
console.log(results.version);

// $ node examples/parproc/exec.mjs
// [04:53:31] ▶ version  declares no inputs
// [04:53:32] ✔ version  856 ms
//   │ 42
// [04:53:32] 1 ran, 0 up to date, 0 failed in 875 ms
// 42
