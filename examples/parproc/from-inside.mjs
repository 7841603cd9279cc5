// A task can have others done while it runs.
import { configure, run, task } from 'parproc';

configure({ parallel: 1 });

task('part::[n]')
  .args({ n: Number })
  .action((_ctx, { n }) => n * n);

task('all').action(async (ctx) => {
  const names = await ctx.create('part::3');
  await ctx.start(names);
  await ctx.wait(names);
  await ctx.run('part::4');
  console.log(ctx.results['part::3'], ctx.results['part::4']);
});

await run('all');

// $ node examples/parproc/from-inside.mjs
// [04:53:35] ▶ all  declares no inputs
// [04:53:36] ▶ part::3  declares no inputs
// [04:53:36] ✔ part::3  257 ms
// [04:53:36] ▶ part::4  declares no inputs
// [04:53:36] ✔ part::4  8 ms
// [04:53:36] ✔ all  518 ms
//   │ 9 16
// [04:53:36] 3 ran, 0 up to date, 0 failed in 524 ms
