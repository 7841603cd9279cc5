import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import {
  EncodingError,
  InvalidOption,
  moduleRefs,
  Pool,
  PoolTerminatedError,
  RestartFreqExceeded,
  Terminated,
  TimeLimitExceeded,
  WorkerLostError,
} from '../../lib/pool/index.ts';
import { survivorsOf } from '../rig/survivors.ts';
import { Host, openDescriptors, rejection } from './host.ts';
import { ids, Rows } from './pool-rows.ts';

const rows = new Rows('pool-faults', [
  ...ids('A', 1, 10, 1),
  ...ids('B', 1, 12, 1),
  ...ids('C', 1, 8, 1),
  ...ids('D', 1, 6, 1),
  ...ids('E', 1, 8, 1),
  ...ids('F', 1, 2, 1),
]);
const jobs = moduleRefs<typeof import('./jobs.ts')>(
  new URL(`./jobs.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);
const twenty = Array.from({ length: 20 }, (_, at) => at);

rows.row('A1', 'idle workers that were killed do not block the pool', async () => {
  await using pool = new Pool({ processes: 3 });
  for (let round = 0; round < 3; round++) {
    await pool.warmUp();
    for (const { pid } of pool.workers) process.kill(pid, 'SIGKILL');
    assert.equal(await pool.apply(jobs.sqr, [round]), round * round);
  }
});

rows.row(
  'A2 A10',
  'a worker killed in the middle of a large answer loses that job alone',
  async () => {
    await using pool = new Pool({ processes: 2 });
    const lost = pool.apply(jobs.dieWhileSending, [1 << 25]);
    const others = twenty.map(() => pool.apply(jobs.bytes, [1 << 20]));
    assert.ok((await rejection(lost)) instanceof WorkerLostError);
    assert.deepEqual(
      (await Promise.all(others)).map(({ length }) => length),
      twenty.map(() => 1 << 20),
    );
  },
);

rows.row(
  'A3 A4',
  'a job that catches everything ends by limit, by terminateJob and with the pool',
  async () => {
    const pool = new Pool({ processes: 1, killGrace: 50 });
    const limited = pool.applyAsync(jobs.catchAll, [], { timeout: 300 });
    assert.ok((await rejection(limited)) instanceof TimeLimitExceeded);
    const accepted = new Promise<number>((acceptCallback) => {
      terminated = pool.applyAsync(jobs.catchAll, [], { acceptCallback });
    });
    pool.terminateJob(await accepted);
    assert.ok((await rejection(terminated as never)) instanceof Terminated);
    const last = pool.applyAsync(jobs.catchAll);
    await pool.warmUp();
    await pool.terminate();
    assert.ok((await rejection(last)) instanceof PoolTerminatedError);
    assert.equal(pool.workers.length, 0);
  },
);
let terminated: PromiseLike<unknown> | undefined;

rows.row('A5', 'a pool that has mapped and iterated ends at once', async () => {
  const pool = new Pool({ processes: 2 });
  await pool.map(jobs.sqr, twenty);
  for await (const _ of pool.imap(jobs.sqr, twenty));
  const begun = performance.now();
  pool.close();
  await pool.join();
  assert.ok(performance.now() - begun < 1000);
});

rows.row('A6 C3 C8', 'callbacks of any kind that throw harm neither pool nor program', async () => {
  const host = new Host(`
    process.on('warning', () => {});
    const fail = () => { throw new RangeError('callback'); };
    const hooks = { onProcessUp: fail, onProcessDown: fail, onTimeoutSet: fail, onTimeoutCancel: fail };
    const two = new Pool({ processes: 2, ...hooks });
    await two.mapAsync((x) => x, [1, 2], { callback: fail });
    const slow = () => new Promise((r) => setTimeout(r, 30000));
    const options = { softTimeout: 50, timeout: 100, timeoutCallback: fail, errorCallback: fail };
    await two.applyAsync(slow, [], { ...options, callbacksPropagate: [RangeError] }).wait();
    await two.applyAsync(slow, [], options).wait();
    console.log(await two.apply((x) => x, ['well']));
    await two.terminate();
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.equal(host.stdout, 'well\n');
});

rows.notOurs('A7', 'semaphores shared by processes; here the parent alone hands out jobs');

rows.row('A8 E5 F2', 'a worker inherits nothing but its own pipes', async () => {
  await using pool = new Pool({ processes: 2 });
  await pool.warmUp();
  const [first = []] = await pool.map(jobs.descriptors, [0, 0], { chunkSize: 1 });
  await using alone = new Pool({ processes: 1 });
  assert.deepEqual(first, await alone.apply(jobs.descriptors));
});

rows.row('A9', 'a worker that was stopped and goes on completes its job', async () => {
  await using pool = new Pool({ processes: 1 });
  const accepted = new Promise<number>((acceptCallback) => {
    stopped = pool.applyAsync(jobs.sqr, [5, 200], { acceptCallback });
  });
  const pid = await accepted;
  process.kill(pid, 'SIGSTOP');
  process.kill(pid, 'SIGCONT');
  assert.equal(await stopped, 25);
});
let stopped: PromiseLike<number> | undefined;

rows.row('B1', 'workers that are replaced all the time lose nothing', async () => {
  await using pool = new Pool({ processes: 2, maxTasksPerChild: 250 });
  const results = await Promise.all(
    Array.from({ length: 5000 }, (_, at) => pool.apply(jobs.identity, [at])),
  );
  assert.ok(results.every((result, at) => result === at));
  await using single = new Pool({ processes: 2, maxTasksPerChild: 1 });
  assert.deepEqual(await single.map(jobs.identity, twenty, { chunkSize: 1 }), twenty);
  assert.ok(pool.didStartOk() && single.didStartOk());
});

rows.row('B2', 'close goes on replacing workers until the queue is empty', async () => {
  const pool = new Pool({ processes: 1, maxTasksPerChild: 1 });
  const results = [1, 2, 3, 4].map((each) => pool.apply(jobs.sqr, [each]));
  pool.close();
  await pool.join();
  assert.deepEqual(await Promise.all(results), [1, 4, 9, 16]);
});

rows.row('B3', 'jobs sent to a worker that dies before it has them run elsewhere', async () => {
  await using pool = new Pool({ processes: 1 });
  await pool.apply(jobs.identity, [0]);
  for (let round = 0; round < 5; round++) {
    const [worker] = pool.workers;
    assert.ok(worker);
    process.kill(worker.pid, 'SIGSTOP');
    const results = twenty.map((each) => pool.apply(jobs.identity, [each]));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(worker.pid, 'SIGKILL');
    assert.deepEqual(await Promise.all(results), twenty);
  }
});

rows.row('B4', 'shrink takes no worker that has a job', async () => {
  await using pool = new Pool({ processes: 3 });
  await pool.warmUp();
  for (let round = 0; round < 5; round++) {
    const result = pool.applyAsync(jobs.sqr, [3, 20]);
    await new Promise((resolve) => setImmediate(resolve));
    pool.shrink(2);
    assert.equal(await result, 9);
    pool.grow(2);
  }
});

rows.row('B5', 'arguments that cannot be sent fail their own job', async () => {
  await using pool = new Pool({ processes: 1 });
  const good = [1, 2].map((each) => pool.applyAsync(jobs.sqr, [each]));
  const bad = pool.applyAsync(jobs.identity, [() => 1]);
  const error = await rejection(bad);
  assert.ok(error instanceof EncodingError);
  assert.equal(error.path, 'args[0]');
  assert.deepEqual(await Promise.all(good), [1, 4]);
  assert.ok((await rejection(pool.apply(Math.max as never))) instanceof EncodingError);
});

rows.row('B6', 'a dead worker fails one item of an iteration, by its class', async () => {
  await using pool = new Pool({ processes: 2 });
  const iterator = pool.imap(jobs.dieOnNegative, [1, -1, 3]);
  assert.equal((await iterator.next()).value, 1);
  assert.ok((await rejection(iterator.next())) instanceof WorkerLostError);
  assert.equal((await iterator.next()).value, 3);
});

rows.row(
  'B7 C1 C5',
  'limits, dead workers and failing sources in iterations leave the program alone',
  async () => {
    const host = new Host(`
    const two = new Pool({ processes: 2, timeout: 300, softTimeout: 200 });
    const slow = () => new Promise((r) => setTimeout(r, 30000));
    const names = [];
    const note = (error) => names.push(error.name);
    await two.map(slow, [1, 2]).catch(note);
    await two.imap(slow, [1]).next().catch(note);
    await two.imap(() => process.kill(process.pid, 'SIGKILL'), [1]).next().catch(note);
    function* broken() { throw new TypeError('source'); }
    await two.imap((x) => x, broken()).next().catch(note);
    console.log(names.join());
    await two.terminate();
  `);
    assert.deepEqual(await host.ended(), { code: 0, signal: null });
    const names = 'TimeLimitExceeded,TimeLimitExceeded,WorkerLostError,TypeError\n';
    assert.equal(host.stdout, names);
  },
);

rows.row('B8', 'terminate settles what has never run', async () => {
  const pool = new Pool({ processes: 1 });
  const results = twenty.map(() => pool.applyAsync(jobs.sleep, [30_000]));
  await pool.terminate();
  for (const result of results) {
    assert.ok((await rejection(result)) instanceof PoolTerminatedError);
  }
});

rows.row('B9', 'a pool that cannot start settles what waits', async () => {
  await using pool = new Pool({ initializer: jobs.failOn as never, initArgs: [2] });
  for (const result of twenty.map((each) => pool.applyAsync(jobs.sqr, [each]))) {
    assert.ok((await rejection(result)) instanceof RestartFreqExceeded);
  }
});

rows.row(
  'B10 B11',
  'errors of the pool arrive as themselves, with class, name and code',
  async () => {
    await using pool = new Pool({ processes: 1 });
    const lost = await rejection(pool.apply(jobs.exit, [9]));
    assert.ok(lost instanceof WorkerLostError);
    assert.deepEqual([lost.name, lost.code, lost.exitCode], ['WorkerLostError', 'worker-lost', 9]);
    const late = await rejection(pool.applyAsync(jobs.sleep, [30_000], { timeout: 50 }));
    assert.deepEqual([late.name, late.code], ['TimeLimitExceeded', 'time-limit-exceeded']);
    assert.ok(late instanceof TimeLimitExceeded);
  },
);

rows.row('B12', 'a job that kills its worker is never tried again by itself', async () => {
  const starts: number[] = [];
  await using pool = new Pool({ processes: 1, onProcessUp: ({ pid }) => starts.push(pid) });
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.ok((await rejection(pool.apply(jobs.exit, [1]))) instanceof WorkerLostError);
  }
  assert.equal(starts.length, 3);
});

rows.row(
  'C2',
  'somebody else writing into the pipe costs the worker, not the program',
  async () => {
    await using pool = new Pool({ processes: 1 });
    const records = ['[1,4,-5]', '[1,2,9,1]', '["got"]', '["ask",1,1]', '["failed",null]', '[0,0]'];
    for (const junk of ['junk', ...records, 'null', '[]', '"text"']) {
      const { name } = await rejection(pool.applyAsync(jobs.writeJunk, [junk], { timeout: 2000 }));
      assert.ok(['WorkerLostError', 'TimeLimitExceeded'].includes(name), name);
    }
    assert.equal(await pool.apply(jobs.sqr, [2]), 4);
  },
);

rows.row('C4', 'a broken pool ends nothing but itself', async () => {
  const host = new Host(`
    const two = new Pool({ maxRestarts: 1, initializer: () => process.exit(1) });
    await two.apply((x) => x, [1]).catch(({ name }) => console.log(name));
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.equal(host.stdout, 'RestartFreqExceeded\n');
});

rows.notOurs('C6', 'a table changed by one thread while another walks it; there is one thread');

rows.row('C7', 'process.exit in a job ends its worker, not the program', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.apply(jobs.exit, [0]));
  assert.ok(error instanceof WorkerLostError);
  assert.equal(error.exitCode, 0);
});

rows.row('D1', 'limits are kept without polling, and a replaced worker leaves no gap', async () => {
  await using pool = new Pool({ processes: 1 });
  await pool.warmUp();
  const begun = performance.now();
  await rejection(pool.applyAsync(jobs.sleep, [30_000], { timeout: 200 }));
  assert.ok(performance.now() - begun >= 199);
});

rows.row(
  'D2',
  'a limit of a call holds without one of the pool, and 0 turns that off',
  async () => {
    await using pool = new Pool({ processes: 1, timeout: 100 });
    assert.equal(await pool.applyAsync(jobs.sqr, [2, 300], { timeout: 0 }), 4);
    assert.ok((await rejection(pool.apply(jobs.sqr, [2, 30_000]))) instanceof TimeLimitExceeded);
  },
);

rows.row('D3', 'a soft limit reaches its own job or nobody', async () => {
  await using pool = new Pool({ processes: 1 });
  const first = pool.applyAsync(jobs.sqr, [2, 50], { softTimeout: 20 });
  const second = pool.applyAsync(jobs.isAborted);
  assert.deepEqual([await first, await second], [4, false]);
});

rows.row('D4', 'past the limit no process that the job has started is alive', async () => {
  const host = new Host(`
    const one = new Pool({ processes: 1, killGrace: 100 });
    const job = () => {
      const { spawn } = process.getBuiltinModule('node:child_process');
      spawn('sleep', ['1000']);
      spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done']);
      spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      for (;;);
    };
    await one.applyAsync(job, [], { timeout: 1000 }).catch(({ name }) => console.log(name));
    await new Promise((resolve) => process.stdin.on('end', resolve).resume());
  `);
  await host.heard('TimeLimitExceeded');
  await host.ended();
  assert.deepEqual(await survivorsOf(host.token), []);
});

rows.row('D5', 'a memory limit is in bytes or has a unit; other text is an error', () => {
  for (const maxMemoryPerChild of ['60 apples', -1, 0, '']) {
    assert.throws(() => new Pool({ maxMemoryPerChild }), InvalidOption);
  }
  assert.ok(new Pool({ maxMemoryPerChild: 60_000_000 }));
});

rows.row('D6', 'a loop that never yields is ended by its hard limit', async () => {
  await using pool = new Pool({ processes: 1 });
  const options = { softTimeout: 50, timeout: 150 };
  assert.ok(
    (await rejection(pool.applyAsync(jobs.spin, [], options))) instanceof TimeLimitExceeded,
  );
});

rows.row('E1', 'many pools leave no descriptor behind', async () => {
  const churn = async (count: number): Promise<void> => {
    for (let made = 0; made < count; made++) {
      const pool = new Pool({ processes: 1 });
      await pool.apply(jobs.identity, [1]);
      await pool.terminate();
    }
  };
  await churn(3);
  const before = [openDescriptors(), readdirSync('/dev/shm').length];
  await churn(20);
  assert.deepEqual([openDescriptors(), readdirSync('/dev/shm').length], before);
  for (let made = 0; made < 500; made++) await new Pool().terminate();
  assert.equal(openDescriptors(), before[0]);
});

rows.row('E2', 'no worker, busy or idle, nor its children outlive a killed program', async () => {
  const host = new Host(`
    const three = new Pool({ processes: 3 });
    await three.warmUp();
    void three.apply(async () => {
      const { spawn } = await import('node:child_process');
      for (const detached of [false, true]) spawn('sleep', ['1000'], { detached, stdio: 'ignore' });
      for (;;);
    });
    void three.apply(() => new Promise((r) => setTimeout(r, 1e6)));
    console.log('up');
  `);
  await host.heard('up');
  host.child.kill('SIGKILL');
  await host.ended();
  assert.deepEqual(await survivorsOf(host.token), []);
});

rows.row('E3', 'join needs an end, and resolves only when nothing is left', async () => {
  const pool = new Pool({ processes: 2 });
  await assert.rejects(pool.join(), /close\(\) or terminate\(\) first/);
  await pool.warmUp();
  const pids = pool.workers.map(({ pid }) => pid);
  pool.close();
  await pool.join();
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

rows.row('E4', 'slots are given back once per job, also when workers die', async () => {
  await using pool = new Pool({ processes: 2, putLocks: true });
  let inside = 0;
  let most = 0;
  const results = twenty.map(async (each) => {
    const result = pool.applyAsync(each % 5 === 0 ? jobs.killLater : jobs.sqr, [each, 5]);
    await result.admitted;
    inside += 1;
    most = Math.max(most, inside);
    await result.wait();
    inside -= 1;
  });
  await Promise.all(results);
  assert.ok(most <= 3, String(most));
  pool.grow();
  pool.shrink(2);
  assert.equal(await pool.applyAsync(jobs.sqr, [2]), 4);
});

rows.row('E6', 'chunks of one item take time in proportion to their number', async () => {
  await using pool = new Pool({ processes: 2 });
  const timed = async (count: number): Promise<number> => {
    const items = Array.from({ length: count }, (_, at) => at);
    const begun = performance.now();
    await pool.map(jobs.identity, items, { chunkSize: 1 });
    return performance.now() - begun;
  };
  await timed(5000);
  const small = await timed(5000);
  const large = await timed(50_000);
  // Ten times the work: quadratic would be a hundred times.
  assert.ok(large < 40 * small, `${small} ms, then ${large} ms`);
});

rows.row('E7', 'workers read nothing of the stdin of the program', async () => {
  await using pool = new Pool({ processes: 1 });
  assert.equal(await pool.apply(jobs.readStdin), '');
});

rows.row('E8', 'an iteration takes no more items than its results are taken', async () => {
  await using pool = new Pool({ processes: 2 });
  let taken = 0;
  function* endless(): Generator<number> {
    for (;;) yield taken++;
  }
  const iterator = pool.imap(jobs.identity, endless(), { buffer: 5 });
  for (let count = 0; count < 10; count++) await iterator.next();
  await pool.apply(jobs.sleep, [20]);
  assert.ok(taken <= 15, String(taken));
  await iterator.return();
});

rows.row('F1', 'a pool that has done two jobs ends every time', async () => {
  for (let round = 0; round < 30; round++) {
    const pool = new Pool({ processes: 2 });
    assert.deepEqual(
      await Promise.all([pool.apply(jobs.sqr, [2]), pool.apply(jobs.sqr, [3])]),
      [4, 9],
    );
    const begun = performance.now();
    await pool.terminate();
    assert.ok(performance.now() - begun < 1000);
  }
});

test('a worker that an earlier job has left in a loop is replaced, and its next job runs', async () => {
  await using pool = new Pool({ processes: 1 });
  const first = await pool.apply(jobs.leaveLoop);
  assert.notEqual(await pool.apply(jobs.pid, [0]), first);
});

rows.count();
