// Everything of a lower wave ends before anything of a higher one starts.
import { configure, run, task } from 'parproc';

configure({ parallel: 1 });

const nothing = () => {};
task('A').wave(0).action(nothing);
task('B').wave(1).action(nothing);
task('C').wave(2).action(nothing);

await run('C', 'B', 'A');

// $ node examples/parproc/waves.mjs
// [04:54:15] ▶ A  declares no inputs
// [04:54:16] ✔ A  673 ms
// [04:54:16] ▶ B  declares no inputs
// [04:54:16] ✔ B  14 ms
// [04:54:16] ▶ C  declares no inputs
// [04:54:16] ✔ C  15 ms
// [04:54:16] 3 ran, 0 up to date, 0 failed in 748 ms
