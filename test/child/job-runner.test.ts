import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { noHooks, noTerms, requestOf, TestPool } from '../pool/test-pool.ts';

async function messageOf(pool: TestPool, task: string): Promise<string | undefined> {
  return (await pool.failureOf(task)).error?.message;
}

test('a task that nothing can complete any more fails, and its worker goes on', async () => {
  await using pool = new TestPool(`
    import gulp from 'gulp';
    task('pid').action(() => process.pid);
    task('forgot').action((ctx, args, done) => {});
    task('stuck').action(() => new Promise(() => {}));
    task('gulpish').wrap(function returnsNothing() {});
  `);
  const pid = await pool.valueOf('pid');
  for (const task of ['forgot', 'stuck', 'gulpish']) {
    assert.deepEqual(await pool.failureOf(task), { reason: 'never-completed' });
  }
  assert.equal(await pool.valueOf('pid'), pid);
});

test('a result that cannot be sent fails the task with the path of the field', async () => {
  await using pool = new TestPool(`
    task('function').action(() => ({ files: [{ close() {} }] }));
    task('getter').action(() => ({ get size() { throw new Error('closed'); } }));
    task('circle').action(() => { const a = { run() {} }; a.self = a; return a; });
    task('promise').action(() => ({ later: new Promise(() => {}) }));
  `);
  const paths = [];
  for (const task of ['function', 'getter', 'circle', 'promise']) {
    const { reason, path } = await pool.failureOf(task);
    paths.push([reason, path]);
  }
  assert.deepEqual(paths, [
    ['not-serialisable', 'result.files[0].close'],
    ['not-serialisable', 'result.size'],
    ['not-serialisable', 'result.run'],
    ['not-serialisable', 'result.later'],
  ]);
});

test('a task that the worker has not got fails with the files that were imported', async () => {
  await using pool = new TestPool('');
  const { reason, files } = await pool.failureOf('absent');
  assert.deepEqual([reason, files], ['not-in-worker', [`${pool.project.folder}/tasks.mjs`]]);
});

test('an error that nobody catches fails the task that runs, not the next one', async () => {
  await using pool = new TestPool(`
    task('thrown').action(() => new Promise(() => setTimeout(() => { throw new Error('late'); }, 5)));
    task('rejected').action(() => { Promise.reject(new Error('floating')); return 'returned'; });
    task('emitted').action(() => new Promise(() => { queueMicrotask(() => { throw new Error('soon'); }); }));
    task('fine').action(() => 'fine');
  `);
  assert.equal(await messageOf(pool, 'thrown'), 'late');
  assert.equal(await pool.valueOf('fine'), 'fine');
  assert.equal(await messageOf(pool, 'rejected'), 'floating');
  assert.equal(await pool.valueOf('fine'), 'fine');
  assert.equal(await messageOf(pool, 'emitted'), 'soon');
  assert.equal(await pool.valueOf('fine'), 'fine');
});

test('a worker in which a task left something behind that fails is not used again', async () => {
  await using pool = new TestPool(`
    import { connect } from 'node:net';
    task('pid').action(() => process.pid);
    task('leave').action((ctx) => new Promise((resolve) => {
      const socket = connect(ctx.results.port, '127.0.0.1', () => resolve(process.pid));
      socket.on('data', () => { throw new Error('left over'); });
    }));
  `);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = once(server, 'connection');
  const before = await pool.valueOf('leave', { results: new Map([['port', port]]) });
  const [socket] = (await connection) as [Socket];
  socket.on('error', () => undefined).resume();
  socket.write('fail now');
  await once(socket, 'close');
  server.close();
  assert.notEqual(await pool.valueOf('pid'), before);
});

test('directory, environment, umask and exit code are put back after each task', async () => {
  await using pool = new TestPool(`
    const seen = () => [process.cwd(), process.env.ADDED, process.env.PATH, process.umask(), process.exitCode];
    task('seen').action(seen);
    task('change').action(() => {
      process.chdir('/');
      process.env.ADDED = 'yes';
      delete process.env.PATH;
      process.umask(0o777);
      process.exitCode = 9;
      throw new Error('and fail');
    });
  `);
  const before = await pool.valueOf('seen');
  assert.equal((await pool.failureOf('change')).reason, 'threw');
  assert.deepEqual(await pool.valueOf('seen'), before);
});

test('arguments are cast in the worker, and a value that does not fit fails the task', async () => {
  await using pool = new TestPool(`
    task('size::[n]').args({ n: Number }).action((ctx, { n }) => [ctx.name, n + 1]);
  `);
  const run = async (n: string): Promise<unknown> => {
    const request = { ...requestOf(`size::${n}`), definition: 'size::[n]', rawArgs: { n } };
    return (await pool.pool.run(request, noTerms, noHooks)).outcome;
  };
  assert.deepEqual(await run('007'), { kind: 'succeeded', value: ['size::007', 8] });
  const wrong = JSON.stringify(await run('x'));
  assert.match(wrong, /argument-invalid/);
});
