// Imports of inputs count as inputs.
import { writeFileSync } from 'node:fs';
import { configure, run, task } from 'parproc';

configure({ trackImports: true, importRoots: ['src'], parallel: 1 });

task('build')
  .inputs('src/main.js')
  .action((ctx) => ctx.inputs);

task('lint')
  .inputs('src/main.js')
  .trackImports(false)
  .action(() => {});

await run('build', 'lint');
writeFileSync('src/part.js', '// edited');
const { results } = await run('build', 'lint');
console.log(results.build);

// $ mkdir src && echo "import './part.js';" > src/main.js && touch src/part.js
// $ node examples/parproc/track-imports.mjs
// [10:37:17] ▶ build  first run
// [10:37:18] ✔ build  811 ms
// [10:37:18] ▶ lint  first run
// [10:37:18] ✔ lint  22 ms
// [10:37:18] 2 ran, 0 up to date, 0 failed in 1 s
// [10:37:18] ▶ build  src/part.js changed
// [10:37:18] ✔ build  5 ms
// [10:37:18] 1 ran, 1 up to date, 0 failed in 8 ms
// [ 'src/main.js' ]
