// Arguments are cast to what `.args()` says; the name stays as it was written.
import { run, task } from 'parproc';

task('shard::[index]::[fast]')
  .args({ index: Number, fast: Boolean })
  .action((ctx, { index, fast }) => [ctx.name, index + 1, fast]);

const { results } = await run('shard::007::true');
console.log(results['shard::007::true']);

await run('shard::seven::true');

// $ node examples/parproc/casting.mjs
// [04:53:19] ▶ shard::007::true  declares no inputs
// [04:53:19] ✔ shard::007::true  161 ms
// [04:53:19] 1 ran, 0 up to date, 0 failed in 170 ms
// [ 'shard::007::true', 8, true ]
// examples/parproc/casting.mjs:4:1  argument-invalid
//   'seven' is no [index] of 'shard::[index]::[fast]': it has to be a number.
// (exit code 2)
