// What a task wrote: of much output what matters is shown, with its line numbers; rules take lines away.
import { configure, ignoreIfSucceeded, run, task } from 'parproc';

configure({ fullLogOnFailure: false, parallel: 1 });

task('compile::[part]')
  .args({ part: ['core', 'extra'] })
  .logIgnore(/^debug/, ignoreIfSucceeded(/legacy\.js/))
  .action((ctx, { part }) => {
    for (let file = 1; file <= 30; file++) console.log(`compiling file ${file}`);
    console.log('debug: 30 files in 0.1 s, no error');
    console.log('warning: legacy.js is deprecated');
    if (part === 'extra') ctx.fail('the linker gave up');
    else console.log('done');
  });

await run('compile::*').catch(() => undefined);

// $ node examples/parproc/logs.mjs
// [05:10:01] ▶ compile::core  declares no inputs
// [05:10:02] ✔ compile::core  291 ms
//   │ … 31 more lines: --logs shows all
// [05:10:02] ▶ compile::extra  declares no inputs
// [05:10:02] ✖ compile::extra  failed after 301 ms
//   │ compiling file 1
//   │ compiling file 2
// …
//   │ compiling file 30
//   │ warning: legacy.js is deprecated
//   ┃ the linker gave up
//   ┃ arguments part=extra
//   ┃ defined at examples/parproc/logs.mjs:6:1
//   ┃ log: .parproc/logs/20261125-051001-884/compile.extra.log
// [05:10:02] 1 ran, 0 up to date, 1 failed in 310 ms
