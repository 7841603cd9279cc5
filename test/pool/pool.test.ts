import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ApplyResult,
  InvalidOption,
  moduleRefs,
  Pool,
  PoolClosedError,
  Terminated,
  TimeLimitExceeded,
  WorkerLostError,
} from '../../lib/pool/index.ts';
import { Host, rejection } from '../conformance/host.ts';

const jobs = moduleRefs<typeof import('../conformance/jobs.ts')>(
  new URL(`../conformance/jobs.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/** Keeps this process from doing anything else. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** What was submitted has been sent. */
const sent = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

test('a limit holds also if the program was busy when the job began', async () => {
  await using pool = new Pool({ processes: 1 });
  await pool.warmUp();
  let pid: number | undefined;
  const acceptCallback = (acceptedBy: number): void => {
    pid = acceptedBy;
  };
  const result = pool.applyAsync(jobs.spin, [], { timeout: 100, acceptCallback });
  await sent();
  // Longer than what the pool looks after its workers in.
  block(1300);
  assert.ok((await rejection(result)) instanceof TimeLimitExceeded);
  assert.ok(pid !== undefined);
});

test('to terminate what has ended harms nobody', async () => {
  await using pool = new Pool({ processes: 1 });
  const ended = [pool.applyAsync(jobs.sqr, [2]), pool.mapAsync(jobs.sqr, [3])] as const;
  await Promise.all(ended);
  const running = pool.applyAsync(jobs.sqr, [4, 100]);
  const accepted = new Promise<number>((acceptCallback) => {
    void pool.applyAsync(jobs.sqr, [4, 100], { acceptCallback });
  });
  await sent();
  for (const result of ended) result.terminate();
  assert.equal(await running, 16);
  assert.equal((await accepted) > 0, true);
  assert.equal(pool.didStartOk(), true);
});

test('workers that are told to end while they start have not failed', async () => {
  const initializer = jobs.sleep as never;
  await using pool = new Pool({ processes: 4, allowRestart: true, initializer, initArgs: [50] });
  const warm = pool.warmUp();
  for (let round = 0; round < 2; round++) {
    pool.restart();
    await sent();
    void pool.warmUp();
  }
  await warm;
  pool.shrink(3);
  assert.equal(await pool.apply(jobs.sqr, [3]), 9);
  assert.equal(pool.didStartOk(), true);
});

test('a job that was cancelled and has ended does not keep the program alive', async () => {
  const host = new Host(`
    const one = new Pool({ processes: 1, killGrace: '1h' });
    const controller = new AbortController();
    const job = async () => {
      const { currentJob } = await import(${JSON.stringify(new URL('../../lib/pool/index.js', import.meta.url).href)});
      const { signal } = currentJob();
      const timer = setTimeout(() => {}, 1e6);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      clearTimeout(timer);
    };
    const acceptCallback = () => setTimeout(() => controller.abort(), 100);
    const result = one.applyAsync(job, [], { signal: controller.signal, acceptCallback });
    await result.catch(({ name }) => console.log(name));
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.equal(host.stdout, 'AbortError\n');
});

test('a map that was submitted before close, or before its items change, is done', async () => {
  await using pool = new Pool({ processes: 1 });
  const items = [1, 2, 3];
  const pairs: [number, number][] = [[4, 0]];
  const results = [pool.map(jobs.sqr, items), pool.starmap(jobs.sqr, pairs)];
  items.length = 0;
  pairs.length = 0;
  pool.close();
  assert.deepEqual(await Promise.all(results), [[1, 4, 9], [16]]);
});

test('whatever has items can be mapped over; what has none is an error that says so', async () => {
  await using pool = new Pool({ processes: 1 });
  async function* later(): AsyncGenerator<string> {
    yield* ['x', 'y'];
  }
  assert.deepEqual(await pool.map(jobs.identity, 'abc'), ['a', 'b', 'c']);
  assert.deepEqual(await pool.map(jobs.identity, new Map([[1, 2]])), [[1, 2]]);
  assert.deepEqual(await pool.map(jobs.identity, later()), ['x', 'y']);
  assert.deepEqual(await pool.imap(jobs.identity, 'ab').next(), { done: false, value: 'a' });
  for (const items of [5, undefined, null, {}] as never[]) {
    assert.match((await rejection(pool.map(jobs.identity, items))).message, /^map\(\) cannot go/);
    const result = pool.starmapAsync(jobs.add, items);
    assert.match((await rejection(result)).message, /^starmapAsync\(\) cannot go over/);
    assert.throws(() => pool.imap(jobs.identity, items), /^TypeError: imap\(\) cannot go over/);
  }
});

test('arguments that are no array, and options that a call does not take, are errors', async () => {
  await using pool = new Pool({ processes: 1 });
  for (const args of [5, 'abc', null, { 0: 1 }] as never[]) {
    assert.match((await rejection(pool.apply(jobs.sqr, args))).message, /Give them as an array/);
    assert.throws(() => pool.applyAsync(jobs.sqr, args), /^TypeError: .* of applyAsync\(\)/);
  }
  const limited = pool.apply(jobs.sqr, [1], { timeout: 5 } as never);
  assert.match((await rejection(limited)).message, /takes no options. Use applyAsync/);
  for (const callbacksPropagate of ['Error', [String(Error)], [() => true]] as never[]) {
    const options = { callbacksPropagate };
    assert.throws(() => pool.applyAsync(jobs.sqr, [1], options), InvalidOption);
    assert.throws(() => pool.mapAsync(jobs.sqr, [1], options), InvalidOption);
  }
  const running = pool.applyAsync(jobs.sqr, [5]);
  for (const signal of ['SIGFOO', 15, 'toString'] as never[]) {
    assert.throws(() => running.terminate(signal), InvalidOption);
    assert.throws(() => pool.terminateJob(1, signal), InvalidOption);
  }
  assert.equal(await running, 25);
  assert.throws(() => new Pool({ execArgv: [5 as never] }), InvalidOption);
});

test('results that several wait for at once all come, also after one that failed', async () => {
  await using pool = new Pool({ processes: 1 });
  for (const iterator of [
    pool.imap(jobs.failOn, [2, 3, 2, 4], { chunkSize: 4 }),
    pool.imapUnordered(jobs.failOn, [2, 3, 2, 4], { chunkSize: 4 }),
  ]) {
    const waiting = Array.from({ length: 5 }, () => iterator.next());
    const seen = (await Promise.allSettled(waiting)).map((each) =>
      each.status === 'fulfilled' ? (each.value.value ?? 'over') : (each.reason as Error).name,
    );
    assert.deepEqual(seen, ['RangeError', 3, 'RangeError', 4, 'over']);
  }
});

test('a result that was discarded calls back no more, and a semaphore that throws harms nobody', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const semaphore = {
    acquire: () => Promise.resolve(),
    release: () => {
      throw new Error('release');
    },
  };
  await using pool = new Pool({ processes: 1, semaphore, putLocks: true });
  const heard: string[] = [];
  const hear = (what: string) => (): void => void heard.push(what);
  const result = pool.applyAsync(jobs.sqr, [2, 100], {
    softTimeout: 20,
    callback: hear('callback'),
    acceptCallback: () => result.discard(),
    timeoutCallback: hear('timeoutCallback'),
    errorCallback: hear('errorCallback'),
  });
  assert.equal((await rejection(result)).name, 'AbortError');
  assert.equal(await pool.applyAsync(jobs.sqr, [3]), 9);
  assert.deepEqual(heard, []);
  assert.match((await warned).message, /release/);
  pool.close();
  await pool.join();
});

test('a job that is aborted on its way to a worker begins with its signal aborted', async () => {
  await using pool = new Pool({ processes: 1, killGrace: '1h' });
  await pool.warmUp();
  for (let round = 0; round < 5; round++) {
    const controller = new AbortController();
    const { signal } = controller;
    const result = pool.applyAsync(jobs.tidyUp, [], { signal });
    await sent();
    controller.abort(new RangeError('not wanted'));
    assert.equal((await rejection(result)).message, 'not wanted');
  }
  assert.equal(await pool.apply(jobs.isAborted), false);
});

test('a job that no worker lives to begin ends with the reason', { timeout: 60_000 }, async () => {
  const pids = new Set<number>();
  const onProcessUp = ({ pid }: { pid: number }): void => void pids.add(pid);
  const spend = (): void => {
    setImmediate(() => {
      throw new RangeError('afterwards');
    });
  };
  await using spent = new Pool({ processes: 1, initializer: spend, onProcessUp });
  assert.equal((await rejection(spent.apply(jobs.sqr, [1]))).message, 'afterwards');
  assert.ok(pids.size <= 6, `${pids.size} workers were started`);
  const leave = (): void => void setImmediate(() => process.exit(7));
  await using left = new Pool({ processes: 1, initializer: leave });
  const error = await rejection(left.apply(jobs.sqr, [1]));
  assert.ok(error instanceof WorkerLostError);
  assert.equal(error.exitCode, 7);
});

test('arguments that a worker cannot take apart fail their job alone', async () => {
  await using pool = new Pool({ processes: 1, execArgv: ['--stack-size=400'] });
  let deep: unknown[] = [];
  for (let depth = 0; depth < 3000; depth++) deep = [deep, undefined];
  const deeply = pool.apply(jobs.identity, [deep]);
  const other = pool.apply(jobs.sqr, [3]);
  assert.ok((await rejection(deeply)) instanceof RangeError);
  assert.equal(await other, 9);
});

test('an error that comes up when its job has ended is told on stderr', async () => {
  const host = new Host(`
    const one = new Pool({ processes: 1 });
    const job = (port) => void setTimeout(() => { throw new Error('too late'); }, 20);
    await one.apply(job);
    while (one.workers.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.match(host.stderr, /^Nobody has caught this: Error: too late\n {4}at /);
});

test('long strings, alone and among others, come back as they were', async () => {
  await using pool = new Pool({ processes: 1 });
  const text = '"€\n'.repeat(1 << 20);
  assert.equal(await pool.apply(jobs.identity, [text]), text);
  const several = [text, ['x'.repeat(1 << 16)], 1];
  assert.deepEqual(await pool.apply(jobs.identity, [several]), several);
  const short = await Promise.all(twenty.map((each) => pool.apply(jobs.identity, [`${each}`])));
  assert.deepEqual(short, twenty.map(String));
});

test('Buffers of changing lengths, one by one and together, come back as they were', async () => {
  await using pool = new Pool({ processes: 1 });
  const lengths = [1, 40_000, 1 << 20, 1 << 20, 1_000_003, 5 << 20, 40_000, 1 << 20];
  const buffers = lengths.map((length, at) => Buffer.alloc(length, `${at}-${length}`));
  const alone: unknown[] = [];
  for (const buffer of buffers) alone.push(await pool.apply(jobs.identity, [buffer]));
  const together = await Promise.all(buffers.map((each) => pool.apply(jobs.identity, [each])));
  for (const [at, back] of [...alone, ...together].entries()) {
    const buffer = buffers[at % buffers.length];
    assert.ok(buffer?.equals(back as Buffer), `the one with the index ${at} has changed`);
  }
});

test('close lets calls go on whose items come later, also after join', async () => {
  const pool = new Pool({ processes: 1 });
  async function* later(): AsyncGenerator<number> {
    for (const each of twenty) yield await Promise.resolve(each);
  }
  const squares = twenty.map((each) => each * each);
  const iterator = pool.imap(jobs.sqr, twenty, { buffer: 2 });
  const map = pool.map(jobs.sqr, later());
  pool.close();
  assert.ok((await rejection(pool.map(jobs.sqr, [1]))) instanceof PoolClosedError);
  assert.deepEqual(await map, squares);
  assert.equal((await iterator.next()).value, 0);
  await pool.join();
  const rest: number[] = [];
  for await (const square of iterator) rest.push(square);
  assert.deepEqual(rest, squares.slice(1));
  await pool.join();
  assert.equal(pool.workers.length, 0);
});

test('join waits for a map whose items are still to come', async () => {
  const pool = new Pool({ processes: 1 });
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  async function* later(): AsyncGenerator<number> {
    await gate;
    yield 3;
  }
  await pool.apply(jobs.sqr, [2]);
  const order: string[] = [];
  const map = pool.map(jobs.sqr, later()).then(() => order.push('map'));
  pool.close();
  const joined = pool.join().then(() => order.push('join'));
  // A worker without work would have ended by now.
  const other = new Pool({ processes: 1 });
  await other.apply(jobs.sqr, [2]);
  other.close();
  await other.join();
  open();
  await Promise.all([map, joined]);
  assert.deepEqual(order, ['map', 'join']);
});

test('whoever is not gone by a gentle signal can be ended at once', {
  timeout: 60_000,
}, async () => {
  await using pool = new Pool({ processes: 1, killGrace: '1h', initializer: jobs.ignoreTerm });
  const { result, pid } = await new Promise<{ result: ApplyResult<never>; pid: number }>((take) => {
    const submitted = pool.applyAsync(jobs.spin, [], {
      acceptCallback: (acceptedBy) => take({ result: submitted, pid: acceptedBy }),
    });
  });
  assert.ok(pool.terminateJob(pid, 'SIGTERM'));
  assert.ok(pool.terminateJob(pid, 'SIGKILL'));
  assert.ok((await rejection(result)) instanceof Terminated);
});

const twenty = Array.from({ length: 20 }, (_, at) => at);
