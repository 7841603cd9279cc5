// Files that are no input of any task.
import { configure, run, task } from 'parproc';

configure({ globalIgnore: ['**/*.tmp'] });

task('build')
  .inputs('src/**/*')
  .action((ctx) => ctx.inputs);

const { results } = await run('build');
console.log(results.build);

// $ mkdir src && touch src/a.txt src/b.tmp
// $ node examples/parproc/global-ignore.mjs
// [09:51:55] ▶ build  first run
// [09:51:55] ✔ build  396 ms
// [09:51:55] 1 ran, 0 up to date, 0 failed in 427 ms
// [ 'src/a.txt' ]
