import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LiveGulp, live } from '../rig/live-gulp.ts';
import type { JsonEvent } from '../rig/run-gulp.ts';
import { runScript } from '../rig/run-script.ts';
import { asked, freePort, serverProject, serversOf } from '../rig/server-project.ts';

/** `check` reads a file of its own and needs the server, which reads another and what `build` makes. */
const three = `
task('build').inputs('source.txt').outputs('built.txt')
  .action(() => writeFileSync('built.txt', readFileSync('source.txt', 'utf8').trim()));
task('serve').deps('build').inputs('server.mjs', 'reply.txt', 'built.txt').service({ readyWhen: port }).action(serve);
task('check').deps('serve').inputs('check.txt').action((ctx) => note(ctx.name));
task('dev').deps('serve', 'check');
`;

const sources = { 'source.txt': 'one', 'check.txt': '' };

function put(project: { write(path: string, text: string): void }): void {
  for (const [path, text] of Object.entries(sources)) project.write(path, text);
}

const isEnd = ({ event }: JsonEvent): boolean => event === 'service-ended';

test('a service starts anew if its own inputs change, and then what needs it runs', async () => {
  using project = serverProject(await freePort(), three);
  put(project);
  await live(project, ['check'], async (gulp) => {
    await gulp.settled();
    project.write('reply.txt', 'new');
    await gulp.rebuilt();
    assert.deepEqual(asked(project), ['check hello', 'check new']);
    assert.equal(serversOf(project).length, 2);
  });
});

test('a service goes on when something else changes, or a dep comes to the same', async () => {
  using project = serverProject(await freePort(), three);
  put(project);
  await live(project, ['dev'], async (gulp) => {
    await gulp.settled();
    project.write('check.txt', 'new');
    await gulp.rebuilt();
    project.write('source.txt', 'one\n');
    await gulp.rebuilt();
    project.write('check.txt', 'newer');
    await gulp.rebuilt();
    assert.equal(asked(project).length, 3);
    assert.equal(serversOf(project).length, 1);
  });
});

test('a service starts anew if a dep comes to something else', async () => {
  using project = serverProject(await freePort(), three);
  put(project);
  await live(project, ['dev'], async (gulp) => {
    await gulp.settled();
    project.write('source.txt', 'two');
    await gulp.rebuilt();
    assert.equal(serversOf(project).length, 2);
  });
});

test('a service runs while its tasks are watched, though nothing has to run', async () => {
  const port = await freePort();
  using project = serverProject(port, three);
  put(project);
  const look = async (gulp: LiveGulp): Promise<void> => {
    await gulp.settled();
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assert.match(await answer.text(), /^hello/);
  };
  await live(project, ['check'], look);
  const { events } = await live(project, ['check'], look);
  assert.ok(events.some(({ task, state }) => task === 'check' && state === 'up-to-date'));
});

test('the death of a service is shown, and the next change starts it anew', async () => {
  const port = await freePort();
  using project = serverProject(port, three);
  put(project);
  const { events } = await live(project, ['check'], async (gulp) => {
    await gulp.settled();
    await fetch(`http://127.0.0.1:${port}/exit/3`);
    await gulp.next(isEnd);
    project.write('check.txt', 'new');
    await gulp.rebuilt();
    assert.equal(asked(project).length, 2);
    assert.equal(serversOf(project).length, 2);
    await fetch(`http://127.0.0.1:${port}/kill`).catch(() => undefined);
    await gulp.next(isEnd);
    project.write('reply.txt', 'new');
    await gulp.rebuilt();
    assert.equal(serversOf(project).length, 3);
  });
  const ends = events.filter(isEnd).map(({ how }) => how);
  assert.deepEqual(ends, ['died', 'died', 'stopped']);
});

test('a service that fails to start is started again when that is mended', async () => {
  using project = serverProject(await freePort(), three);
  put(project);
  project.write('reply.txt', 'throw this');
  const { events } = await live(project, ['check'], async (gulp) => {
    await gulp.settled();
    project.write('reply.txt', 'mended');
    await gulp.rebuilt();
    assert.deepEqual(asked(project), ['check mended']);
  });
  assert.ok(events.some(({ task, state }) => task === 'serve' && state === 'failed'));
});

test('a service that is not ready yet is stopped as soon as its inputs change', async () => {
  using project = serverProject(await freePort(), three);
  put(project);
  project.write('reply.txt', 'deaf');
  await live(project, ['check'], async (gulp) => {
    await gulp.task('serve');
    await gulp.seen(({ event }) => event === 'watch-started');
    project.write('reply.txt', 'hears');
    await gulp.rebuilt();
    assert.deepEqual(asked(project), ['check hears']);
  });
});

test('a changed build stops its services before it is loaded anew', async () => {
  const port = await freePort();
  using project = serverProject(port, three);
  put(project);
  await live(project, ['check'], async (gulp) => {
    await gulp.settled();
    const gulpfile = project.read('gulpfile.mjs');
    project.write('gulpfile.mjs', gulpfile.replace('note(ctx.name)', "note('changed')"));
    await gulp.next(({ event }) => event === 'build-files-changed');
    await gulp.settled();
    assert.deepEqual(asked(project), ['check hello', 'changed hello']);
    assert.equal(serversOf(project).length, 2);
  });
});

test('watch() that its signal ends resolves when nothing is left of its services', async () => {
  const port = await freePort();
  const { told } = await runScript(
    `
    import { createServer } from 'node:http';
    configure({ watchDebounce: 20 });
    const ask = () => fetch('http://127.0.0.1:${port}').then((answer) => answer.text(), () => 'nobody');
    task('serve').service({ readyWhen: ${port} })
      .action(() => { createServer((_, response) => response.end('somebody')).listen(${port}, '127.0.0.1'); });
    const end = new AbortController();
    task('check').deps('serve').inProcess().action(async () => { tell(await ask()); end.abort(); });
    await watch('check', { signal: end.signal });
    tell(await ask());
  `,
    { mode: 'pool' },
  );
  assert.deepEqual(told, ['somebody', 'nobody']);
});
