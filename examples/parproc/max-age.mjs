// An output that gets too old is made again, whatever else has changed.
import { writeFileSync } from 'node:fs';
import { output, run, task } from 'parproc';

task('feed')
  .outputs(output('feed.xml', { maxAge: '1h', enforceFreshness: false }))
  .action(() => writeFileSync('feed.xml', '<feed/>'));

await run('feed');

// $ node examples/parproc/max-age.mjs
// [09:51:56] ▶ feed  first run
// [09:51:56] ✔ feed  555 ms
// [09:51:56] 1 ran, 0 up to date, 0 failed in 612 ms
// $ node examples/parproc/max-age.mjs
// [09:51:57] 0 ran, 1 up to date, 0 failed in 13 ms
// $ touch -d '2 hours ago' feed.xml
// $ node examples/parproc/max-age.mjs
// [09:51:57] ▶ feed  feed.xml is too old
// [09:51:58] ✔ feed  455 ms
// [09:51:58] 1 ran, 0 up to date, 0 failed in 468 ms
