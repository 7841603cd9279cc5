// What a task is told.
import { params, run, task } from 'parproc';

params({ greeting: 'Hello' });

task('who').action(() => 'world');

task('greet::[mark]')
  .deps('who')
  .action((ctx) => {
    console.log(ctx.name, ctx.args.mark);
    console.log(`${ctx.params.greeting} ${ctx.results.who}`);
  });

await run('greet::now');

// $ node examples/parproc/context.mjs
// [04:53:21] ▶ who  declares no inputs
// [04:53:22] ✔ who  153 ms
// [04:53:22] ▶ greet::now  first run
// [04:53:22] ✔ greet::now  3 ms
//   │ greet::now now
//   │ Hello world
// [04:53:22] 2 ran, 0 up to date, 0 failed in 166 ms
