import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { type GulpResult, type JsonEvent, runGulp } from '../rig/run-gulp.ts';
import { runScript } from '../rig/run-script.ts';
import { asked, freePort, serverProject, serversOf } from '../rig/server-project.ts';

const json = ['--json', '-S'];

/** Starts and ends of tasks, ends of services, the end of the run. */
function storyOf({ events }: Pick<GulpResult, 'events'>): string[] {
  return events.flatMap(({ event, task, state, isGroup, how }) => {
    if (isGroup === true) return [];
    if (event === 'task-started') return [`${task} started`];
    if (event === 'task-ended') return [`${task} ${state}`];
    if (event === 'service-ended') return [`${task} ${how}`];
    return event === 'run-ended' ? ['over'] : [];
  });
}

function failureOf({ events }: GulpResult, name: string): JsonEvent['failure'] {
  return events.find(({ task, failure }) => task === name && failure !== undefined)?.failure;
}

/** `check` needs the server. */
const pair = `
task('serve').inputs('server.mjs', 'reply.txt').service({ readyWhen: port }).action(serve);
task('check').deps('serve').inputs('check.txt').action((ctx) => note(ctx.name));
`;

test('what needs a service starts when it is ready, and then nothing of it is left', async () => {
  using project = serverProject(await freePort(), pair);
  const result = await runGulp(project, ['check', ...json]);
  assert.deepEqual(storyOf(result), [
    'serve started',
    'serve succeeded',
    'check started',
    'check succeeded',
    'serve stopped',
    'over',
  ]);
  assert.deepEqual(asked(project), ['check hello']);
});

test('a service is not started for what is up to date, and is for what is not', async () => {
  using project = serverProject(await freePort(), pair);
  await runGulp(project, ['check', ...json]);
  const second = await runGulp(project, ['check', ...json]);
  assert.deepEqual(storyOf(second), ['serve up-to-date', 'check up-to-date', 'over']);
  project.write('check.txt', 'new');
  const third = await runGulp(project, ['check', ...json]);
  assert.deepEqual(storyOf(third).slice(0, 3), [
    'serve started',
    'serve succeeded',
    'check started',
  ]);
  const started = third.events.find(
    ({ event, task }) => event === 'task-started' && task === 'serve',
  );
  assert.deepEqual(started?.reasons, [{ kind: 'not-running' }]);
});

test('what it has been started from counts for its dependants', async () => {
  using project = serverProject(await freePort(), pair);
  await runGulp(project, ['check', ...json]);
  project.write('reply.txt', 'other');
  const { events } = await runGulp(project, ['check', ...json]);
  const why = events.find(({ event, task }) => event === 'task-started' && task === 'check');
  assert.deepEqual(why?.reasons, [{ kind: 'dep-changed', dep: 'serve' }]);
  assert.deepEqual(asked(project), ['check hello', 'check other']);
});

test('a service is ready when a line fits that it writes to either stream', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: /^listening at \\d+$/ }).action(serve);
task('check').deps('serve').action((ctx) => note(ctx.name));
`,
  );
  await runGulp(project, ['check', ...json]);
  assert.deepEqual(asked(project), ['check hello']);
});

test('a server in the worker itself goes on when the action has returned', async () => {
  using project = serverProject(
    await freePort(),
    `
import { createServer } from 'node:http';
const listen = () => createServer((_, response) => response.end('from inside')).listen(port, '127.0.0.1');
task('serve').service({ readyWhen: port }).action(() => { listen(); });
task('wrapped').service({ readyWhen: port }).wrap((done) => { listen(); done(); });
task('check::[by]').args({ by: ['serve', 'wrapped'] }).deps('[by]')
  .action(async () => writeFileSync('answer.txt', await ask()));
`,
  );
  for (const by of ['serve', 'wrapped']) {
    project.remove('answer.txt');
    const result = await runGulp(project, [`check::${by}`, ...json]);
    assert.equal(project.read('answer.txt'), 'from inside');
    assert.ok(storyOf(result).includes(`${by} stopped`));
  }
});

test('it runs in a process of its own where everything else runs in that of gulp', async () => {
  using project = serverProject(await freePort(), pair, "mode: 'single'");
  const result = await runGulp(project, ['check', ...json]);
  assert.ok(storyOf(result).includes('serve stopped'));
  assert.deepEqual(asked(project), ['check hello']);
});

test('a service whose process ends before it is ready has failed, with its exit code', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).action(() => { console.log('about to go'); process.exit(3); });
task('check').deps('serve').action((ctx) => note(ctx.name));
`,
  );
  const result = await runGulp(project, ['check', ...json], { code: 1 });
  assert.deepEqual(storyOf(result), [
    'serve started',
    'serve failed',
    'check dependency-failed',
    'over',
  ]);
  assert.deepEqual(failureOf(result, 'serve'), { reason: 'lost', exitCode: 3, signal: null });
  const { stdout } = await runGulp(project, ['check'], { code: 1 });
  assert.match(
    stdout,
    /✖ serve {2}failed.*\n {2}│ about to go\n {2}┃ Its process ended with exit code 3/,
  );
});

test('a service that a signal ends before it is ready has failed, with the signal', async () => {
  using project = serverProject(
    await freePort(),
    `task('serve').service({ readyWhen: /never/ }).action(() => { process.kill(process.pid, 'SIGKILL'); });`,
  );
  const result = await runGulp(project, ['serve', ...json], { code: 1 });
  assert.deepEqual(failureOf(result, 'serve'), {
    reason: 'lost',
    exitCode: null,
    signal: 'SIGKILL',
  });
});

test('a service that leaves nothing open and is not ready has failed', async () => {
  using project = serverProject(
    await freePort(),
    `task('serve').service({ readyWhen: /never/ }).action(() => undefined);`,
  );
  const result = await runGulp(project, ['serve'], { code: 1 });
  assert.match(result.stdout, /It ended before it wrote a line that fits \/never\/\./);
});

test('a service that throws before it is ready has failed with what it threw', async () => {
  using project = serverProject(await freePort(), pair);
  project.write('reply.txt', 'throw this');
  const { stdout } = await runGulp(project, ['check'], { code: 1 });
  assert.match(stdout, /✖ serve {2}failed/);
  assert.match(stdout, /Error: throw this/);
  assert.match(stdout, /⊘ check {2}not run: serve failed/);
});

test('the time limit of a service is how long it may take to be ready', async () => {
  using project = serverProject(
    await freePort(),
    `
import { createServer } from 'node:http';
const listen = () => createServer((_, response) => response.end('here')).listen(port, '127.0.0.1');
task('serve').timeout('5s').service({ readyWhen: port }).action(() => { listen(); });
task('long').deps('serve').action(async () => { await new Promise((go) => setTimeout(go, 5100)); await ask(); });
task('deaf').timeout(100).service({ readyWhen: port }).action(serve);
task('mute').timeout(100).service({ readyWhen: /word/ }).action(() => { setInterval(() => undefined, 1000); });
`,
  );
  project.write('reply.txt', 'deaf');
  await runGulp(project, ['long', ...json]);
  const deaf = await runGulp(project, ['deaf'], { code: 1 });
  assert.match(deaf.stdout, /It did not listen at port \d+ within its limit of 100 ms\./);
  const mute = await runGulp(project, ['mute'], { code: 1 });
  assert.match(mute.stdout, /It wrote no line that fits \/word\/ within its limit of 100 ms\./);
});

test('a port that somebody else has is not taken for readiness', async () => {
  const other = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  using project = serverProject(port, pair);
  const { stdout } = await runGulp(project, ['check'], { code: 1 });
  assert.match(stdout, new RegExp(`Port ${port} is taken`));
  other.close();
});

test('more attempts may follow the first until a service is ready', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).retries(2)
  .action((ctx) => ctx.attempt === 1 ? ctx.fail('not yet') : serve(ctx));
task('check').deps('serve').action((ctx) => note(ctx.name));
`,
  );
  const { events } = await runGulp(project, ['check', ...json]);
  assert.equal(events.filter(({ event }) => event === 'task-retried').length, 1);
  assert.deepEqual(asked(project), ['check hello']);
});

test('its death is shown, and what has not started and needs it does not run', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').inputs('reply.txt').service({ readyWhen: port }).action(serve);
// Nothing that needs it starts any more when gulp knows that it has died.
task('probe::[n]').deps('serve').noSkip().action(() => undefined);
const dead = async (ctx) => { for (let n = 0; await ctx.run('probe::' + n).then(() => true, () => false); n++); };
task('crash').deps('serve').noSkip().action(async (ctx) => { await ask('exit/3').catch(() => ''); await dead(ctx); });
task('late').deps('serve', 'crash').noSkip().action((ctx) => note(ctx.name));
`,
  );
  const result = await runGulp(project, ['late', ...json], { code: 1 });
  const story = storyOf(result).filter((each) => !/^(?:crash succeeded|probe::)/.test(each));
  assert.deepEqual(story, [
    'serve started',
    'serve succeeded',
    'crash started',
    'serve died',
    'late dependency-failed',
    'over',
  ]);
  const { stdout } = await runGulp(project, ['late'], { code: 1 });
  assert.match(stdout, /serve │ GET \/exit\/3/);
  assert.match(stdout, /✖ serve {2}died .* after it was ready\n {2}┃ .*exit code 3/);
  assert.match(stdout, /⊘ late {2}not run: serve failed/);
});

test('what needs it failing stops it too', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).action(serve);
task('check').deps('serve').action((ctx) => ctx.fail('as it happens'));
`,
  );
  const result = await runGulp(project, ['check', ...json], { code: 1 });
  assert.deepEqual(storyOf(result), [
    'serve started',
    'serve succeeded',
    'check started',
    'check failed',
    'serve stopped',
    'over',
  ]);
});

for (const name of ['serve', 'dev']) {
  test(`a service that ${name === 'serve' ? 'is asked for by name' : 'a group stands for'} runs until Ctrl-C`, async () => {
    const port = await freePort();
    using project = serverProject(port, `${pair}task('dev').deps('serve', 'check');`);
    const result = await runGulp(project, [name, ...json], {
      code: 130,
      during: async (child, until) => {
        await until(({ event }) => event === 'run-ended');
        const answer = await fetch(`http://127.0.0.1:${port}/`);
        assert.match(await answer.text(), /^hello/);
        child.kill('SIGINT');
      },
    });
    assert.equal(storyOf(result).at(-1), 'serve stopped');
  });
}

test('a service that is asked for by name starts though it is as it was, and so is all that needs it', async () => {
  using project = serverProject(await freePort(), `${pair}task('dev').deps('serve', 'check');`);
  await runGulp(project, ['check', ...json]);
  for (const name of ['serve', 'dev']) {
    const result = await runGulp(project, [name, ...json], {
      code: 130,
      during: async (child, until) => {
        await until(({ event }) => event === 'run-ended');
        child.kill('SIGINT');
      },
    });
    const story = storyOf(result).filter((each) => each.startsWith('serve'));
    assert.deepEqual(story, ['serve started', 'serve succeeded', 'serve stopped']);
  }
});

test('a service that was asked for by name and dies ends gulp with 1', async () => {
  const port = await freePort();
  using project = serverProject(port, pair);
  const result = await runGulp(project, ['serve', ...json], {
    code: 1,
    during: async (_child, until) => {
      await until(({ event }) => event === 'run-ended');
      await fetch(`http://127.0.0.1:${port}/kill`).catch(() => undefined);
    },
  });
  assert.equal(storyOf(result).at(-1), 'serve died');
});

test('Ctrl-C while something needs it leaves nothing', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).action(serve);
task('check').deps('serve').action(() => new Promise((go) => setTimeout(go, 60_000)));
`,
  );
  const result = await runGulp(project, ['check', ...json], {
    code: 130,
    during: async (child, until) => {
      await until(({ event, task }) => event === 'task-started' && task === 'check');
      child.kill('SIGINT');
    },
  });
  assert.deepEqual(
    storyOf(result)
      .filter((each) => /stopped|check/.test(each))
      .toSorted(),
    ['check cancelled', 'check started', 'serve stopped'],
  );
});

test('a service that another one needs ends after that', async () => {
  const ports = [await freePort(), await freePort()];
  using project = serverProject(
    ports[0] ?? 0,
    `
const run = (ctx, at) => ctx.exec(process.execPath, ['server.mjs', String(at)]);
task('db').service({ readyWhen: ${ports[1]} }).action((ctx) => run(ctx, ${ports[1]}));
task('api').deps('db').service({ readyWhen: port }).action(serve);
task('apis').deps('api');
task('check').deps('apis').action((ctx) => note(ctx.name));
`,
  );
  const result = await runGulp(project, ['check', ...json]);
  assert.deepEqual(storyOf(result).slice(-4), [
    'check succeeded',
    'api stopped',
    'db stopped',
    'over',
  ]);
});

test('once it is ready it has neither slot nor locks', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').locks('db').service({ readyWhen: port }).action(serve);
task('check').deps('serve').locks('db').action((ctx) => note(ctx.name));
`,
  );
  await runGulp(project, ['check', ...json]);
  assert.deepEqual(asked(project), ['check hello']);
});

test('one service is enough for all that a task asks for from inside', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).action(serve);
task('check::[n]').deps('serve').action((ctx) => note(ctx.name));
task('all').action(async (ctx) => { await ctx.run('check::1'); await ctx.run('check::2'); });
`,
  );
  const result = await runGulp(project, ['all', ...json]);
  assert.deepEqual(asked(project), ['check::1 hello', 'check::2 hello']);
  assert.equal(serversOf(project).length, 1);
  assert.deepEqual(storyOf(result).slice(-3), ['all succeeded', 'serve stopped', 'over']);
});

test('a service that was stopped is started again for what comes later in the same run', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).action(serve);
task('served').deps('serve');
task('check::[n]').deps('served').action((ctx) => note(ctx.name));
const gone = async (done) => { while (await ask().catch(() => false)); done(); };
export default gulp.series('check::1', gone, 'check::2');
`,
  );
  const result = await runGulp(project, [...json]);
  assert.deepEqual(asked(project), ['check::1 hello', 'check::2 hello']);
  assert.equal(serversOf(project).length, 2);
  assert.equal(result.events.filter(({ event }) => event === 'run-ended').length, 1);
});

test('a task that may not start before the service is ready again has to wait for it', async () => {
  using project = serverProject(
    await freePort(),
    `
task('serve').service({ readyWhen: port }).action(serve);
task('check').deps('serve').noSkip().action((ctx) => note(ctx.name));
task('quiet').deps('serve').inputs('check.txt').action((ctx) => note(ctx.name));
task('ask').noSkip().action((ctx) => ctx.run('check'));
task('all').deps('quiet', 'ask');
`,
  );
  project.write('check.txt', '');
  await runGulp(project, ['all', ...json]);
  const story = storyOf(await runGulp(project, ['all', ...json]));
  assert.ok(story.indexOf('serve succeeded') < story.indexOf('check started'));
});

test('a service asks the build for nothing once it is ready', async () => {
  using project = serverProject(
    await freePort(),
    `
import { createServer } from 'node:http';
task('other').action(() => undefined);
task('serve').service({ readyWhen: port }).action(async (ctx) => {
  await ctx.run('other');
  createServer((_, response) => ctx.run('other').catch(({ message }) => response.end(message))).listen(port, '127.0.0.1');
});
task('check').deps('serve').action(async () => writeFileSync('answer.txt', await ask()));
`,
  );
  await runGulp(project, ['check', ...json]);
  assert.match(
    project.read('answer.txt'),
    /'serve' is ready: a service asks for nothing after that/,
  );
});

test('a service does not discover what it reads', async () => {
  using project = serverProject(
    await freePort(),
    `task('serve').service({ readyWhen: port }).action((ctx) => ctx.discover('reply.txt'));`,
  );
  const { stdout } = await runGulp(project, ['serve'], { code: 1 });
  assert.match(stdout, /'serve' is a service: name what it reads in \.inputs\(\)/);
});

test('a dry run tells which services would start', async () => {
  using project = serverProject(await freePort(), pair);
  await runGulp(project, ['check', ...json]);
  const idle = await runGulp(project, ['check', '--dry-run']);
  assert.match(idle.stdout, /0 would run, 0 may run, 2 up to date/);
  const byName = await runGulp(project, ['serve', '--dry-run']);
  assert.match(byName.stdout, /▷ serve {2}would run: is not running/);
  project.write('check.txt', 'new');
  const needed = await runGulp(project, ['check', '--dry-run']);
  assert.match(needed.stdout, /▷ serve {2}would run: is not running\n.*▷ check {2}would run/);
});

test('in a program run() resolves when nothing is left of what it needed', async () => {
  const port = await freePort();
  const { told } = await runScript(
    `
    import { createServer } from 'node:http';
    const ask = () => fetch('http://127.0.0.1:${port}').then((answer) => answer.text(), () => 'nobody');
    task('serve').service({ readyWhen: ${port} })
      .action(() => { createServer((_, response) => response.end('somebody')).listen(${port}, '127.0.0.1'); });
    task('check').deps('serve').action(ask);
    tell((await run('check')).results.check);
    tell(await ask());
    await run('serve');
    tell(await ask());
    clear();
    tell('over');
  `,
    { mode: 'pool' },
  );
  assert.deepEqual(told, ['somebody', 'nobody', 'somebody', 'over']);
});
