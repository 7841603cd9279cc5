// A task of a proto under a name of its own.
import { create, run, task } from 'parproc';

const build = task('build::[env]').action((ctx, { env }) => [ctx.name, env]);

create(build.of({ env: 'prod' }), { as: 'release' });
const { results } = await run('release');
console.log(results.release);

// $ node examples/parproc/create-as.mjs
// [04:53:22] ▶ release  declares no inputs
// [04:53:22] ✔ release  312 ms
// [04:53:22] 1 ran, 0 up to date, 0 failed in 322 ms
// [ 'release', 'prod' ]
