// The files below a folder whose path fits an expression, as inputs.
import { regexFiles, run, task } from 'parproc';

task('styles')
  .inputs(regexFiles('src', /[.]s?css$/))
  .action((ctx) => ctx.inputs);

const { results } = await run('styles');
console.log(results.styles);

// $ mkdir -p src/deep && touch src/a.css src/deep/b.scss src/c.txt
// $ node examples/parproc/regex-files.mjs
// [09:51:58] ▶ styles  first run
// [09:51:59] ✔ styles  422 ms
// [09:51:59] 1 ran, 0 up to date, 0 failed in 443 ms
// [ 'src/a.css', 'src/deep/b.scss' ]
