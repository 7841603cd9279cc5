// What the inputs of a task are, by content: the same in every run and on every machine.
import { run, task } from 'parproc';

task('build')
  .inputs('*.txt')
  .action((ctx) => {
    for (const [path, digest] of Object.entries(ctx.inputFingerprint ?? {})) {
      console.log(path, digest.slice(0, 12));
    }
  });

await run('build');

// $ echo one > a.txt && echo two > b.txt
// $ node examples/parproc/fingerprint.mjs
// [09:51:54] ▶ build  first run
// [09:51:54] ✔ build  409 ms
//   │ a.txt 2c8b08da5ce6
//   │ b.txt 27dd8ed44a83
// [09:51:54] 1 ran, 0 up to date, 0 failed in 434 ms
