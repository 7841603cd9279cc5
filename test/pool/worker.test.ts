import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { TestPool } from './test-pool.ts';

test('values of every kind that v8 knows cross to the parent, and results to the worker', async () => {
  await using pool = new TestPool(`
    task('make').action(() => ({ at: new Date(0), by: new Map([['a', 10n]]), none: undefined }));
    task('use').action((ctx) => [ctx.results.make.by.get('a') + 1n, ctx.results.make.at.getTime()]);
  `);
  const made = await pool.valueOf('make');
  assert.deepEqual(made, { at: new Date(0), by: new Map([['a', 10n]]), none: undefined });
  assert.deepEqual(await pool.valueOf('use', { results: new Map([['make', made]]) }), [11n, 0]);
});

test('an error keeps class name, code, own fields, cause and errors', async () => {
  await using pool = new TestPool(`
    task('fail').action(() => {
      const inner = new AggregateError([new TypeError('one')], 'several');
      throw Object.assign(new RangeError('no', { cause: inner }), { code: 'E_NO', line: 7 });
    });
  `);
  const { reason, error } = await pool.failureOf('fail');
  assert.equal(reason, 'threw');
  const { stack, cause, ...rest } = error ?? {};
  assert.deepEqual(rest, { name: 'RangeError', message: 'no', code: 'E_NO', own: { line: 7 } });
  assert.match(stack ?? '', /tasks\.mjs/);
  assert.deepEqual([cause?.name, cause?.errors?.[0]?.message], ['AggregateError', 'one']);
});

test('a worker whose task has failed runs the next one', async () => {
  await using pool = new TestPool(`
    task('pid').action(() => process.pid);
    task('fail').action(() => { throw new Error('no'); });
  `);
  const before = await pool.valueOf('pid');
  assert.equal((await pool.failureOf('fail')).reason, 'threw');
  assert.equal(await pool.valueOf('pid'), before);
});

test('past its limit a loop that ignores SIGTERM is killed, and a grandchild with it', async () => {
  await using pool = new TestPool(`
    import { spawn } from 'node:child_process';
    task('spin').action(() => {
      process.on('SIGTERM', () => {});
      spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done']);
      for (;;);
    });
  `);
  assert.deepEqual(await pool.failureOf('spin', { limitMs: 1000 }), {
    reason: 'timed-out',
    limitMs: 1000,
  });
  assert.deepEqual(await pool.survivors(), []);
});

test('past the limit a grandchild has the grace period too, though the worker goes at once', async () => {
  await using pool = new TestPool(
    `
    import { spawn } from 'node:child_process';
    task('wait').action(() => {
      const script = 'trap "sleep 0.1; echo tidied; exit" TERM; echo up; while :; do sleep 0.02; done';
      return spawn('sh', ['-c', script], { stdio: 'inherit' });
    });
  `,
    { killGraceMs: 20_000 },
  );
  const { outcome, stdout } = await pool.run('wait', { limitMs: 1000 });
  assert.equal(outcome.kind === 'failed' && outcome.failure.reason, 'timed-out');
  assert.equal(stdout, 'up\ntidied\n');
});

test('the limit does not count the start of the worker', async () => {
  await using pool = new TestPool(`
    await new Promise((started) => setTimeout(started, 1200));
    task('quick').action(() => 'done');
  `);
  assert.equal(await pool.valueOf('quick', { limitMs: 1000 }), 'done');
});

test('a worker that dies while it runs is lost, by exit code or signal, and replaced', async () => {
  await using pool = new TestPool(`
    task('kill').action(() => new Promise(() => process.kill(process.pid, 'SIGKILL')));
    task('exit').action(() => process.exit(0));
    task('fine').action(() => 'fine');
  `);
  assert.deepEqual(await pool.failureOf('kill'), {
    reason: 'lost',
    exitCode: null,
    signal: 'SIGKILL',
  });
  assert.deepEqual(await pool.failureOf('exit'), { reason: 'lost', exitCode: 0, signal: null });
  assert.equal(await pool.valueOf('fine'), 'fine');
});

test('a lost worker takes its group along, and what it printed is kept', async () => {
  await using pool = new TestPool(`
    import { spawn } from 'node:child_process';
    import { writeSync } from 'node:fs';
    task('die').action(() => {
      spawn('sleep', ['60'], { stdio: 'inherit' });
      writeSync(1, 'last words');
      process.exit(3);
    });
  `);
  const { outcome, stdout } = await pool.run('die');
  assert.deepEqual(outcome.kind === 'failed' && outcome.failure, {
    reason: 'lost',
    exitCode: 3,
    signal: null,
  });
  assert.equal(stdout, 'last words');
  assert.deepEqual(await pool.survivors(), []);
});

test('a grandchild of another session that holds the pipe does not keep a lost task', async () => {
  await using pool = new TestPool(`
    import { spawn } from 'node:child_process';
    task('leave').action(() => {
      const options = { detached: true, stdio: 'inherit', env: {} };
      const { pid } = spawn('/bin/sleep', ['30'], options);
      console.log(pid);
      process.exit(4);
    });
  `);
  const { outcome, stdout } = await pool.run('leave');
  process.kill(Number(stdout), 'SIGKILL');
  assert.deepEqual(outcome.kind === 'failed' && outcome.failure, {
    reason: 'lost',
    exitCode: 4,
    signal: null,
  });
});

test('a task that cuts or garbles its connection to the parent is lost, and no other is harmed', async () => {
  await using pool = new TestPool(`
    import { closeSync, writeSync } from 'node:fs';
    const forEver = () => new Promise(() => { setInterval(() => {}, 1000); });
    task('cut').action(() => { for (const fd of [3, 4, 5, 6]) closeSync(fd); return forEver(); });
    task('mute').action(() => { closeSync(4); return forEver(); });
    task('garble').action(() => { writeSync(4, 'what is this?\\n'); return 'done'; });
    task('fine').action(() => 'fine');
  `);
  for (const task of ['cut', 'mute', 'garble']) {
    assert.equal((await pool.failureOf(task)).reason, 'lost');
    assert.equal(await pool.valueOf('fine'), 'fine');
  }
});

test('five megabytes of output arrive whole, before the task settles', async () => {
  await using pool = new TestPool(`
    task('much').action(() => {
      for (let line = 0; line < 5000; line++) console.log('x'.repeat(1023));
    });
  `);
  const { stdout } = await pool.run('much');
  assert.equal(stdout.length, 5000 * 1024);
});

test('output belongs to the task that ran, also half a character without an end of line', async () => {
  await using pool = new TestPool(`
    task('a').action(() => {
      process.stdout.write(Buffer.from('a€').subarray(0, 3));
      console.error('warned');
    });
    task('b').action(() => console.log('€'));
  `);
  const a = await pool.run('a');
  const b = await pool.run('b');
  assert.deepEqual([a.stdout, a.stderr, b.stdout, b.stderr], ['a\ufffd', 'warned\n', '€\n', '']);
});

test('what is printed between tasks belongs to nobody', async () => {
  await using pool = new TestPool(`
    import { connect } from 'node:net';
    console.log('importing');
    const printed = (port, text) => new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', resolve);
      socket.on('data', () => { console.log(text); socket.end(); });
    });
    task('first').action((ctx) => printed(ctx.results.port, 'left over'));
    task('second').action(() => { console.log('second'); });
  `);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = once(server, 'connection');
  const first = await pool.run('first', { results: new Map([['port', port]]) });
  const [socket] = (await connection) as [Socket];
  socket.end('print');
  await once(socket.resume(), 'close');
  server.close();
  const second = await pool.run('second');
  assert.deepEqual([first.stdout, second.stdout], ['', 'second\n']);
});

test('a task that closes its stdout ends, and the next one is heard again', async () => {
  await using pool = new TestPool(`
    task('close').action(() => { console.log('bye'); process.stdout.end(); });
    task('next').action(() => { console.log('heard'); });
  `);
  const closed = await pool.run('close');
  assert.deepEqual([closed.outcome.kind, closed.stdout], ['succeeded', 'bye\n']);
  assert.equal((await pool.run('next')).stdout, 'heard\n');
});

test('a task that replaces stdout.write and forgets it still ends', async () => {
  await using pool = new TestPool(`
    task('catch').action(() => { process.stdout.write = () => true; return 1; });
  `);
  assert.equal(await pool.valueOf('catch'), 1);
});

test('records that a task writes itself neither answer for it nor harm the parent', async () => {
  await using pool = new TestPool(`
    import { writeSync } from 'node:fs';
    task('forge').action(({ args }, _, done) => {
      for (const record of [null, 'ready', 7, [], {}, ['ready'], ['got'], ['returned', 1], ['no'],
        ['failed'], ['ask', 'x'], [1e9, 0, 'forged']]) writeSync(4, JSON.stringify(record) + ',\\n');
      done(null, 'real');
    });
    task('fine').action(() => 'fine');
  `);
  assert.equal((await pool.failureOf('forge')).reason, 'lost');
  assert.equal(await pool.valueOf('fine'), 'fine');
});

test('what a task in the parent returned and cannot be sent fails its dependant by name', async () => {
  await using pool = new TestPool(`
    task('pid').action(() => process.pid);
  `);
  const pid = await pool.valueOf('pid');
  const results = new Map([['serve', { port: 1, close: () => undefined }]]);
  assert.deepEqual(await pool.failureOf('pid', { results }), {
    reason: 'not-serialisable',
    path: 'ctx.results["serve"].close',
    message: 'it comes from a task outside of the workers, and only plain data can be sent',
  });
  assert.equal(await pool.valueOf('pid'), pid);
});
