// The other way round: setup says that it goes before every deploy.
import { run, task } from 'parproc';

task('setup')
  .rdeps('deploy::[env]')
  .action(() => 'initialized');

task('deploy::[env]').action((_ctx, { env }) => `deployed ${env}`);

await run('deploy::prod');

// $ node examples/parproc/rdeps.mjs
// [04:53:56] ▶ setup  declares no inputs
// [04:53:57] ✔ setup  282 ms
// [04:53:57] ▶ deploy::prod  first run
// [04:53:57] ✔ deploy::prod  4 ms
// [04:53:57] 2 ran, 0 up to date, 0 failed in 313 ms
