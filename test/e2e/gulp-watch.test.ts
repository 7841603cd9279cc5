import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obeySource, Theatre } from '../rig/puppet.ts';
import { endsOf, runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';

test('an edit while the task runs under gulp.watch is not lost: it runs again', async () => {
  using theatre = await Theatre.open();
  using site = new TempProject({
    'src/a.txt': '1',
    'gulpfile.mjs': `import gulp from 'gulp'; import { parproc, task } from 'parproc';
      ${obeySource(theatre.port)}
      gulp.registry(parproc());
      task('a').inputs('src/*.txt').action((ctx) => obey(ctx.name));
      const say = (event) => console.log(JSON.stringify({ v: 1, event }));
      export const dev = () => {
        const watcher = gulp.watch('src/*.txt', { delay: 0 }, gulp.series('a'));
        watcher.on('ready', () => say('ready')).on('change', () => say('change'));
      };`,
  });
  const run = await runGulp(site, ['dev', '--json'], {
    code: 130,
    during: async (child, until) => {
      await until(({ event }) => event === 'ready');
      site.write('src/a.txt', '2');
      await theatre.started('a');
      site.write('src/a.txt', '3');
      await until(({ event }) => event === 'change', 2);
      await theatre.order('a', 'ok');
      await theatre.started('a');
      await theatre.order('a', 'ok');
      await until(({ event, state }) => event === 'task-ended' && state === 'succeeded', 2);
      child.kill('SIGINT');
    },
  });
  assert.deepEqual(endsOf(run), ['a succeeded', 'a succeeded']);
});
