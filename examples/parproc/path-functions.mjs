// Inputs and outputs can be computed from the arguments; `.ignore()` takes some away again.
import { run, task } from 'parproc';

task('build::[target]')
  .inputs(({ target }) => [`src/${target}/*.txt`])
  .ignore('src/app/secret.txt')
  .outputs(({ target }) => `out-${target}/`)
  .action((ctx) => ctx.exec('mkdir', ['-p', ...ctx.outputs]).then(() => ctx.inputs));

const { results } = await run('build::app');
console.log(results['build::app']);

// $ mkdir -p src/app && touch src/app/a.txt src/app/secret.txt
// $ node examples/parproc/path-functions.mjs
// [04:53:54] ▶ build::app  first run
// [04:53:54] ✔ build::app  464 ms
// [04:53:54] 1 ran, 0 up to date, 0 failed in 502 ms
// [ 'src/app/a.txt' ]
// $ echo more > src/app/secret.txt
// $ node examples/parproc/path-functions.mjs
// [04:53:55] 0 ran, 1 up to date, 0 failed in 12 ms
// [ 'src/app/a.txt' ]
