// A dep in a later wave could never be met.
import { run, task } from 'parproc';

task('late')
  .wave(1)
  .action(() => {});
task('early')
  .deps('late')
  .action(() => {});

await run('early');

// $ node examples/parproc/wave-inversion.mjs
// examples/parproc/wave-inversion.mjs:7:1  wave-inversion
//   'early' (wave 0) cannot depend on 'late' (wave 1): deps must have an equal or lower wave, to avoid deadlock.
//   Give 'early' .wave(1) or more, or 'late' .wave(0) or less.
// (exit code 2)
