// Ask the person at the terminal; `{ password: true }` does not show what they type.
import { run, task } from 'parproc';

task('greet').action(async (ctx) => {
  const name = await ctx.input('Your name? ');
  console.log(`Hello ${name}`);
});

await run('greet');

// $ echo Ada | node examples/parproc/input.mjs
// [04:53:46] ▶ greet  declares no inputs
// Your name? [04:53:46] ✔ greet  188 ms
//   │ Hello Ada
// [04:53:46] 1 ran, 0 up to date, 0 failed in 195 ms
