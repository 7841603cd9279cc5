// Both kinds in one list, beside ordinary deps.
import { configure, run, task, whenScheduled } from 'parproc';

configure({ parallel: 1 });

const nothing = () => {};
task('tools').action(nothing);
task('init').deps('tools').rdeps('app::[x]', whenScheduled('cleanup')).action(nothing);
task('app::[x]').action(nothing);
task('cleanup').action(nothing);

await run('app::one');

// $ node examples/parproc/deps-and-rdeps.mjs
// [04:53:24] ▶ tools  declares no inputs
// [04:53:24] ✔ tools  219 ms
// [04:53:24] ▶ init  first run
// [04:53:24] ✔ init  2 ms
// [04:53:24] ▶ app::one  first run
// [04:53:24] ✔ app::one  3 ms
// [04:53:24] ▶ cleanup  first run
// [04:53:24] ✔ cleanup  4 ms
// [04:53:24] 4 ran, 0 up to date, 0 failed in 243 ms
