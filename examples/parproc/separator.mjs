// Another separator between the parts of a name.
import { configure, run, task } from 'parproc';

configure({ separator: '/' });

task('build/[env]').action((_ctx, { env }) => `built ${env}`);

const { results } = await run('build/prod');
console.log(results['build/prod']);

// $ node examples/parproc/separator.mjs
// [04:54:00] ▶ build/prod  declares no inputs
// [04:54:01] ✔ build/prod  390 ms
// [04:54:01] 1 ran, 0 up to date, 0 failed in 439 ms
// built prod
