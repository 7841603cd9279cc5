import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  currentJob,
  EncodingError,
  InvalidOption,
  moduleRefs,
  Pool,
  PoolClosedError,
  PoolTerminatedError,
  RestartFreqExceeded,
  SoftTimeLimitExceeded,
  Terminated,
  TimeLimitExceeded,
  TimeoutError,
  WorkerLostError,
} from '../../lib/pool/index.ts';
import { RestartLimit } from '../../lib/pool/restart-limit.ts';
import { survivorsOf } from '../rig/survivors.ts';
import { TempProject } from '../rig/temp-project.ts';
import { Host, rejection } from './host.ts';
import { ids, Rows } from './pool-rows.ts';

const rows = new Rows('pool-conformance', [
  ...ids('P', 1, 37),
  ...ids('B', 1, 7),
  ...ids('BC', 1, 8, 1),
  'BE1',
  'BE2',
  ...ids('BX', 1, 3, 1),
  ...ids('S', 1, 33),
]);
const jobs = moduleRefs<typeof import('./jobs.ts')>(
  new URL(`./jobs.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

const hundred = Array.from({ length: 100 }, (_, at) => at);
const squares = hundred.map((each) => each * each);

function* throwingAt(count: number): Generator<number> {
  for (let at = 0; at < count; at++) yield at;
  throw new SyntaxError('from the generator');
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

rows.row('P01', 'apply takes arguments by position and by name', async () => {
  await using pool = new Pool({ processes: 4 });
  assert.equal(await pool.apply(jobs.sqr, [5]), 25);
  assert.equal(await pool.apply(jobs.named, [{ x: 3 }]), 9);
});

rows.row('P02', 'map keeps the order, whatever the chunks', async () => {
  await using pool = new Pool({ processes: 4 });
  assert.deepEqual(await pool.map(jobs.sqr, hundred.slice(0, 10)), squares.slice(0, 10));
  assert.deepEqual(await pool.map(jobs.sqr, hundred, { chunkSize: 20 }), squares);
});

const pairs = hundred.map((each) => [each, each + 1] as [number, number]);

rows.row('P03 P04', 'starmap spreads the items, now or later', async () => {
  await using pool = new Pool({ processes: 4 });
  const sums = pairs.map(([a, b]) => a + b);
  assert.deepEqual(await pool.starmap(jobs.add, pairs.slice(0, 10)), sums.slice(0, 10));
  assert.deepEqual(await pool.starmap(jobs.add, pairs, { chunkSize: 20 }), sums);
  assert.deepEqual(await pool.starmapAsync(jobs.add, pairs).get(), sums);
});

rows.row('P05', 'mapAsync gives the list', async () => {
  await using pool = new Pool({ processes: 4 });
  assert.deepEqual(await pool.mapAsync(jobs.sqr, hundred.slice(0, 10)).get(), squares.slice(0, 10));
});

rows.row(
  'P06',
  'callbacks of mapAsync get the list or the error itself, before wait returns',
  async () => {
    await using pool = new Pool({ processes: 2 });
    const heard: unknown[] = [];
    const hear = (value: unknown): void => void heard.push(value);
    const options = { callback: hear, errorCallback: hear };
    await pool.mapAsync(jobs.sqr, [1, 2], options).wait();
    assert.deepEqual(heard, [[1, 4]]);
    await pool.mapAsync(jobs.failOn, [2], options).wait();
    assert.ok(heard[1] instanceof RangeError);
    assert.equal(heard.length, 2);
  },
);

rows.row('P07', 'items that cannot be sent reject the map and name the path', async () => {
  await using pool = new Pool({ processes: 2 });
  const error = await rejection(pool.map(jobs.identity, [{ close: () => undefined }]));
  assert.ok(error instanceof EncodingError);
  assert.equal(error.path, 'items[0].close');
});

rows.row('P08', 'a map over nothing is there at once', async () => {
  await using pool = new Pool({ processes: 2 });
  assert.deepEqual(await pool.mapAsync(jobs.sqr, [], { chunkSize: 1 }).get({ timeout: 1000 }), []);
});

rows.row(
  'P09',
  'an error of the iterable rejects every map over it, and the pool goes on',
  async () => {
    await using pool = new Pool({ processes: 2 });
    for (const at of [0, 0, 3]) {
      assert.ok((await rejection(pool.map(jobs.sqr, throwingAt(at)))) instanceof SyntaxError);
    }
    const sized = {
      length: 5,
      [Symbol.iterator]: () => throwingAt(2),
    };
    assert.ok((await rejection(pool.mapAsync(jobs.sqr, sized))) instanceof SyntaxError);
    assert.equal(await pool.apply(jobs.sqr, [2]), 4);
  },
);

rows.row('P10', 'get waits for a job that takes its time', async () => {
  await using pool = new Pool({ processes: 1 });
  const begun = performance.now();
  assert.equal(await pool.applyAsync(jobs.sqr, [7, 100]).get(), 49);
  assert.ok(performance.now() - begun >= 99);
});

rows.row('P11', 'get with a timeout gives up waiting, not the job', async () => {
  await using pool = new Pool({ processes: 1 });
  const result = pool.applyAsync(jobs.sqr, [7, 500]);
  assert.ok((await rejection(result.get({ timeout: 50 }))) instanceof TimeoutError);
  assert.equal(result.ready(), false);
  assert.equal(await result, 49);
});

rows.row('P12', 'imap gives results in order and then ends, once', async () => {
  await using pool = new Pool({ processes: 4 });
  assert.deepEqual(await collect(pool.imap(jobs.sqr, hundred.slice(0, 10))), squares.slice(0, 10));
  const iterator = pool.imap(jobs.sqr, [1, 2]);
  assert.deepEqual(await iterator.next(), { done: false, value: 1 });
  assert.deepEqual(await iterator.next(), { done: false, value: 4 });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  const thousand = Array.from({ length: 1000 }, (_, at) => at);
  const results = await collect(pool.imap(jobs.sqr, thousand, { chunkSize: 100 }));
  assert.deepEqual(
    results,
    thousand.map((each) => each * each),
  );
});

rows.row('P13', 'results before an error of the source come first, then that error', async () => {
  await using pool = new Pool({ processes: 2 });
  for (const [at, chunkSize] of [
    [0, 1],
    [3, 1],
    [7, 2],
    [7, 4],
  ] as const) {
    const iterator = pool.imap(jobs.sqr, throwingAt(at), { chunkSize });
    for (let index = 0; index < at; index++) {
      assert.deepEqual(await iterator.next(), { done: false, value: index * index });
    }
    assert.ok((await rejection(iterator.next())) instanceof SyntaxError);
    assert.equal((await iterator.next()).done, true);
  }
});

rows.row('P14', 'imapUnordered gives the same results in any order', async () => {
  await using pool = new Pool({ processes: 4 });
  for (const chunkSize of [1, 53, 100]) {
    const results = await collect(pool.imapUnordered(jobs.sqr, hundred, { chunkSize }));
    assert.deepEqual(
      results.sort((a, b) => a - b),
      squares,
    );
  }
});

rows.row('P15', 'imapUnordered gives valid results and the error of its source', async () => {
  await using pool = new Pool({ processes: 2 });
  const iterator = pool.imapUnordered(jobs.sqr, throwingAt(3));
  const seen: unknown[] = [];
  for (let count = 0; count < 4; count++) {
    seen.push(
      await iterator.next().then(
        ({ value }) => value,
        (error: Error) => error.name,
      ),
    );
  }
  assert.deepEqual(new Set(seen), new Set([0, 1, 4, 'SyntaxError']));
});

rows.row('P16', 'a pool without workers is an error', () => {
  for (const processes of [-1, 0, 1.5, '2' as never]) {
    assert.throws(() => new Pool({ processes }), InvalidOption);
    assert.throws(() => new Pool({ processes }), RangeError);
  }
});

rows.row('P17', 'a pool has as many workers as it was told', async () => {
  await using pool = new Pool({ processes: 3 });
  await pool.warmUp();
  assert.equal(pool.workers.length, 3);
  await Promise.all(hundred.map((each) => pool.apply(jobs.sqr, [each, 1])));
  assert.equal(pool.workers.length, 3);
});

rows.row('P18', 'terminate ends a pool under load soon', async () => {
  const pool = new Pool({ processes: 4 });
  const result = pool.mapAsync(jobs.sqr, Array<number>(10_000).fill(1), { chunkSize: 1 });
  const sleepy = pool.applyAsync(jobs.sleep, [30_000]);
  await pool.warmUp();
  await pool.terminate();
  assert.ok((await rejection(result)) instanceof PoolTerminatedError);
  assert.ok((await rejection(sleepy)) instanceof PoolTerminatedError);
  assert.equal(pool.workers.length, 0);
});

rows.row('P19', 'nothing in, nothing out', async () => {
  await using pool = new Pool({ processes: 2 });
  assert.deepEqual(await pool.map(jobs.sqr, []), []);
  assert.deepEqual(await pool.starmap(jobs.add, []), []);
  assert.deepEqual(await collect(pool.imap(jobs.sqr, [])), []);
  assert.deepEqual(await collect(pool.imapUnordered(jobs.sqr, [])), []);
  assert.deepEqual(await pool.mapAsync(jobs.sqr, []), []);
});

rows.row('P20 P26', 'a pool that was left takes no more jobs', async () => {
  let left: Pool;
  {
    await using pool = new Pool({ processes: 2 });
    left = pool;
    assert.deepEqual(await pool.mapAsync(jobs.sqr, [3]).get(), [9]);
  }
  assert.throws(() => left.applyAsync(jobs.sqr, [1]), PoolClosedError);
  assert.throws(() => left.mapAsync(jobs.sqr, [1]), PoolClosedError);
  assert.throws(() => left.imap(jobs.sqr, [1]), PoolClosedError);
  assert.ok((await rejection(left.apply(jobs.sqr, [1]))) instanceof PoolClosedError);
  assert.ok((await rejection(left.map(jobs.sqr, [1]))) instanceof PoolClosedError);
});

rows.row('P21 P23', 'an error arrives as itself, with the stack of the worker', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.apply(jobs.failOn, [2]));
  assert.equal(error.constructor, RangeError);
  assert.equal(error.message, 'not 2');
  assert.match(error.stack ?? '', /jobs\.[jt]s:\d+/);
  assert.deepEqual({ ...error }, { code: 'E_TWO', detail: { at: [2], note: 'plain' } });
  assert.ok(error.cause instanceof AggregateError);
  assert.equal((error.cause.errors[0] as Error).message, 'first');
});

rows.row('P22', 'an error of the iterable has no cause from a worker', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.map(jobs.sqr, throwingAt(1)));
  assert.ok(error instanceof SyntaxError);
  assert.equal(error.cause, undefined);
});

rows.row('P24', 'a map that has failed does not block the pool with large results', async () => {
  const pool = new Pool({ processes: 2 });
  const failing = pool.map(jobs.failLarge, [true, false], { chunkSize: 1 });
  assert.ok((await rejection(failing)) instanceof TypeError);
  pool.close();
  await pool.join();
  assert.equal(pool.workers.length, 0);
});

rows.row('P25', 'neither arguments nor results stay alive in the pool', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await using pool = new Pool({ processes: 2 });
  const refs: WeakRef<object>[] = [];
  const run = async (): Promise<void> => {
    const items = hundred.slice(0, 10).map((at) => ({ at }));
    const results = await pool.map(jobs.identity, items);
    refs.push(...[...items, ...(results as object[])].map((each) => new WeakRef(each)));
  };
  await run();
  await pool.apply(jobs.sqr, [1]);
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  assert.deepEqual(
    refs.filter((ref) => ref.deref() !== undefined),
    [],
  );
});

rows.notOurs('P27', 'a pool that is dropped holds nothing: it does not keep the program alive');

rows.row('P28', 'the error callback gets the error itself', async () => {
  await using pool = new Pool({ processes: 1 });
  const heard: unknown[] = [];
  const errorCallback = (error: unknown): void => void heard.push(error);
  const error = await rejection(pool.applyAsync(jobs.failOn, [2], { errorCallback }));
  assert.deepEqual(heard, [error]);
});

rows.row('P29', 'a result that cannot be sent fails its job alone, twenty times', async () => {
  await using pool = new Pool({ processes: 2 });
  const pids = new Set(await pool.map(jobs.pid, [0, 0], { chunkSize: 1 }));
  for (let count = 0; count < 20; count++) {
    const error = await rejection(pool.apply(jobs.closure));
    assert.ok(error instanceof EncodingError);
    assert.equal(error.path, 'result.run');
    assert.match(error.message, /could not be cloned/);
  }
  assert.equal(pool.didStartOk(), true);
  assert.ok(pool.workers.every(({ pid }) => pids.has(pid) || pids.size < 2));
});

rows.row('P30', 'workers are replaced after their number of jobs, and no job is lost', async () => {
  await using pool = new Pool({ processes: 3, maxTasksPerChild: 10 });
  const all = await Promise.all(hundred.map(() => pool.apply(jobs.pid, [0])));
  const byPid = new Map<number, number>();
  for (const pid of all) byPid.set(pid, (byPid.get(pid) ?? 0) + 1);
  assert.ok([...byPid.values()].every((count) => count <= 10));
  assert.ok(byPid.size >= 10);
});

rows.row('P31', 'close lets everything be done, also by workers that are replaced', async () => {
  const pool = new Pool({ processes: 3, maxTasksPerChild: 1 });
  const results = hundred.slice(0, 6).map((each) => pool.applyAsync(jobs.sqr, [each, 20]));
  pool.close();
  await pool.join();
  assert.ok(results.every((result) => result.ready()));
  assert.deepEqual(await Promise.all(results), squares.slice(0, 6));
});

rows.row('P32', 'a number of jobs that is none is an error', () => {
  for (const maxTasksPerChild of [0, -1, 0.5, '12' as never]) {
    assert.throws(() => new Pool({ maxTasksPerChild }), InvalidOption);
  }
});

rows.row('P33', 'a pool that was never closed lets its program end, without a word', async () => {
  const host = new Host(
    'globalThis.kept = new Pool(); console.log(await kept.apply((x) => x, [1]));',
  );
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.deepEqual([host.stdout, host.stderr], ['1\n', '']);
  assert.deepEqual(await survivorsOf(host.token), []);
});

rows.row('P34', 'an initializer that is no function is an error', () => {
  assert.throws(() => new Pool({ initializer: 1 as never }), TypeError);
});

rows.row('P35', 'the initializer runs once in each worker, with its arguments', async () => {
  using project = new TempProject();
  const file = `${project.folder}/log`;
  await using pool = new Pool({ processes: 1, initializer: jobs.note as never, initArgs: [file] });
  await Promise.all([1, 2, 3].map(() => pool.apply(jobs.pid, [0])));
  assert.equal(project.read('log'), 'noted\n');
});

rows.row('P36', 'a job may have a pool of its own', async () => {
  await using pool = new Pool({ processes: 1 });
  assert.deepEqual(await pool.apply(jobs.nested, [[1, 2, 3]]), [1, 4, 9]);
});

rows.row('P37 BX1', 'what a job prints comes once, on stdout of the program', async () => {
  const host = new Host(`
    process.stdout.write('host ');
    const one = new Pool({ processes: 1 });
    await one.apply(() => void process.stdout.write('job '));
    one.close();
    await one.join();
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.equal(host.stdout, 'host job ');
});

rows.row('B01', 'an error of a callback that is to propagate is not swallowed', async () => {
  await using pool = new Pool({ processes: 1 });
  const options = {
    callback: () => {
      throw new EvalError('out of memory');
    },
    callbacksPropagate: [EvalError],
  };
  assert.ok((await rejection(pool.applyAsync(jobs.sqr, [1], options))) instanceof EvalError);
});

rows.row('B02', 'a new pool has started well', async () => {
  const pool = new Pool();
  assert.equal(pool.didStartOk(), true);
  pool.close();
  await pool.terminate();
});

rows.row('B03', 'limits of 0 are none', async () => {
  await using pool = new Pool({ processes: 2, timeout: 1, softTimeout: 1 });
  const results = [1, 2, 3, 4].map((each) =>
    pool.applyAsync(jobs.sqr, [each, 30], { timeout: 0, softTimeout: 0 }),
  );
  assert.deepEqual(await Promise.all(results), [1, 4, 9, 16]);
});

rows.row(
  'B04',
  'a failing job among good ones fails alone, also after the end of the pool',
  async () => {
    const pool = new Pool({ processes: 1 });
    const results = [0, 1, 2].map((each) => pool.applyAsync(jobs.failOn, [each]));
    pool.close();
    await pool.join();
    await pool.terminate();
    assert.deepEqual(await Promise.all(results.slice(0, 2)), [0, 1]);
    assert.ok((await rejection(results[2] as never)) instanceof RangeError);
  },
);

rows.row(
  'B05',
  'a thrown value that is no Error arrives as it is, and the worker lives',
  async () => {
    await using pool = new Pool({ processes: 1 });
    const pid = await pool.apply(jobs.pid, [0]);
    await assert.rejects(pool.apply(jobs.throwValue, [{ odd: 1 }]), { odd: 1 });
    assert.equal(await pool.apply(jobs.pid, [0]), pid);
  },
);

rows.notOurs(
  'B06',
  'a counter of results in shared memory; here results are in the pipe before exit',
);

rows.row('B07', 'results nobody has asked for are there after the end', async () => {
  const pool = new Pool({ processes: 2 });
  const results = hundred.slice(0, 8).map((each) => pool.applyAsync(jobs.sqr, [each]));
  pool.close();
  await pool.join();
  await pool.terminate();
  assert.deepEqual(await Promise.all(results), squares.slice(0, 8));
});

rows.row('BC1', 'a worker that is ended by SIGTERM says so', async () => {
  const downs: (string | null)[] = [];
  await using pool = new Pool({ processes: 1, onProcessDown: ({ signal }) => downs.push(signal) });
  const result = pool.applyAsync(jobs.sleep, [30_000]);
  await pool.warmUp();
  result.terminate();
  assert.ok((await rejection(result)) instanceof Terminated);
  assert.deepEqual(downs, ['SIGTERM']);
});

for (const id of ids('BC', 2, 6, 1)) {
  rows.notOurs(id, "resetting Python's signal handlers after a fork; a fresh process has none");
}

rows.row('BC7', 'one loss more than the limit is too many', () => {
  const limit = new RestartLimit(0, { max: 100, windowMs: 60_000 });
  for (let count = 0; count < 100; count++) assert.equal(limit.lost(false, false), undefined);
  assert.equal(limit.lost(false, false), 101);
});

rows.row('BC8', 'losses outside of the window do not count', () => {
  const limit = new RestartLimit(0, { max: 1, windowMs: 0 });
  for (let count = 0; count < 5; count++) assert.equal(limit.lost(false, false), undefined);
});

rows.row('BE1', 'an error has source line, class and message in its text', async () => {
  await using pool = new Pool({ processes: 1 });
  const { stack = '' } = await rejection(pool.apply(jobs.failOn, [2]));
  assert.match(stack, /^RangeError: not 2\n {4}at failOn \(.*jobs\.[jt]s:\d+:\d+\)/);
});

rows.row('BE2', 'a recursion without end is an error like others', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.apply(jobs.recurse));
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /call stack/);
});

rows.row('BX2', 'workers notice that the program was killed', async () => {
  const host = new Host(`
    const two = new Pool({ processes: 2 });
    await two.warmUp();
    void two.apply(() => { for (;;); });
    console.log('up');
    setInterval(() => {}, 1000);
  `);
  await host.heard('up');
  host.child.kill('SIGKILL');
  await host.ended();
  assert.deepEqual(await survivorsOf(host.token), []);
});

rows.row('BX3', 'workers are always fresh processes; other contexts are errors that say so', () => {
  const options = { context: 'fork' } as object;
  assert.throws(() => new Pool(options), /no option 'context'. Workers are always fresh processes/);
});

rows.row(
  'S01',
  'past its soft limit a job fails with it, unless it handles the signal',
  async () => {
    await using pool = new Pool({ processes: 1, softTimeout: 50 });
    const told: unknown[] = [];
    const timeoutCallback = (...args: unknown[]): void => void told.push(args);
    const error = await rejection(pool.applyAsync(jobs.untilAborted, [], { timeoutCallback }));
    assert.ok(error instanceof SoftTimeLimitExceeded);
    assert.equal(error.limitMs, 50);
    assert.deepEqual(told, [[true, 50]]);
  },
);

rows.row('S02', 'a job that handles its soft limit may still return', async () => {
  await using pool = new Pool({ processes: 1 });
  assert.equal(await pool.applyAsync(jobs.tidyUp, [], { softTimeout: '50ms' }), 'tidied');
});

rows.row('S03', 'past its hard limit a job fails and its worker is replaced', async () => {
  await using pool = new Pool({ processes: 1, timeout: 100 });
  const error = await rejection(pool.apply(jobs.sleep, [30_000]));
  assert.ok(error instanceof TimeLimitExceeded);
  assert.deepEqual([error.limitMs, error.code], [100, 'time-limit-exceeded']);
  assert.equal(await pool.applyAsync(jobs.sqr, [3], { timeout: '10s' }), 9);
});

rows.row('S04', 'a job that ignores SIGTERM is killed', async () => {
  await using pool = new Pool({ processes: 1, killGrace: 100 });
  const error = await rejection(pool.applyAsync(jobs.deafLoop, [], { timeout: 300 }));
  assert.ok(error instanceof TimeLimitExceeded);
  assert.equal(await pool.apply(jobs.sqr, [3]), 9);
});

rows.row('S05', 'the soft limit is told once, then the hard one ends the job', async () => {
  await using pool = new Pool({ processes: 1 });
  const told: unknown[] = [];
  const result = pool.applyAsync(jobs.sleep, [30_000], {
    softTimeout: 50,
    timeout: 150,
    timeoutCallback: (...args) => told.push(args),
  });
  assert.ok((await rejection(result)) instanceof TimeLimitExceeded);
  assert.deepEqual(told, [
    [true, 50],
    [false, 150],
  ]);
});

rows.row('S06', 'time in the queue does not count', async () => {
  await using pool = new Pool({ processes: 1, timeout: 1500 });
  const results = [1, 2, 3].map((each) => pool.applyAsync(jobs.sqr, [each, 700]));
  assert.deepEqual(await Promise.all(results), [1, 4, 9]);
});

rows.row('S07', 'a call may have a limit in a pool without', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.applyAsync(jobs.sleep, [30_000], { timeout: 100 }));
  assert.ok(error instanceof TimeLimitExceeded);
});

rows.row('S08', 'limits do no harm to map and imap', async () => {
  await using pool = new Pool({ processes: 2, timeout: 1000, softTimeout: 900 });
  assert.deepEqual(
    await pool.starmap(
      jobs.sqr,
      hundred.slice(0, 8).map((x) => [x, 200] as never),
    ),
    squares.slice(0, 8),
  );
  assert.deepEqual(await collect(pool.imap(jobs.sqr, [1, 2])), [1, 4]);
  assert.ok((await rejection(pool.map(jobs.sleep, [10, 30_000]))) instanceof TimeLimitExceeded);
});

rows.row('S09', 'a killed worker loses its job by name; others of the queue are done', async () => {
  await using pool = new Pool({ processes: 1 });
  const lost = pool.apply(jobs.killSelf, ['SIGKILL']);
  const others = [1, 2, 3, 4].map((each) => pool.apply(jobs.sqr, [each]));
  const error = await rejection(lost);
  assert.ok(error instanceof WorkerLostError);
  assert.deepEqual([error.signal, error.exitCode], ['SIGKILL', null]);
  assert.ok((error.pid ?? 0) > 0);
  assert.deepEqual(await Promise.all(others), [1, 4, 9, 16]);
});

rows.row('S10', 'a lost worker rejects a map, and one item of imap and imapUnordered', async () => {
  await using pool = new Pool({ processes: 2 });
  const bad = [1, 2, -1, 4];
  assert.ok((await rejection(pool.map(jobs.dieOnNegative, bad))) instanceof WorkerLostError);
  for (const iterator of [
    pool.imap(jobs.dieOnNegative, bad),
    pool.imapUnordered(jobs.dieOnNegative, bad),
  ]) {
    const seen: unknown[] = [];
    for (let count = 0; count < 4; count++) {
      seen.push(
        await iterator.next().then(
          ({ value }) => value,
          (error: Error) => error.name,
        ),
      );
    }
    assert.deepEqual(new Set(seen), new Set([1, 2, 'WorkerLostError', 4]));
    assert.equal((await iterator.next()).done, true);
  }
});

rows.row('S11', 'idle workers that were killed are replaced when a job comes', async () => {
  await using pool = new Pool({ processes: 2 });
  await pool.warmUp();
  for (const { pid } of pool.workers) process.kill(pid, 'SIGKILL');
  assert.deepEqual(await pool.map(jobs.sqr, [1, 2, 3]), [1, 4, 9]);
});

rows.row('S12', 'a job whose worker dies before it has taken it up runs elsewhere', async () => {
  await using pool = new Pool({ processes: 1 });
  await pool.warmUp();
  const [worker] = pool.workers;
  assert.ok(worker);
  process.kill(worker.pid, 'SIGSTOP');
  const result = pool.applyAsync(jobs.pid, [0]);
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(worker.pid, 'SIGKILL');
  assert.notEqual(await result, worker.pid);
});

rows.row('S13', 'a worker killed while it sends a large result loses that job alone', async () => {
  await using pool = new Pool({ processes: 2 });
  const large = pool.apply(jobs.dieWhileSending, [64 * 1024 * 1024]);
  const error = await rejection(large);
  assert.ok(error instanceof WorkerLostError);
  assert.equal(error.signal, 'SIGKILL');
  assert.equal((await pool.apply(jobs.bytes, [1 << 22])).length, 1 << 22);
});

rows.row('S14', 'process.exit in a job is a lost worker, with the code', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.apply(jobs.exit, [3]));
  assert.ok(error instanceof WorkerLostError);
  assert.deepEqual([error.exitCode, error.signal], [3, null]);
  assert.match(error.message, /exited with code 3 while it ran job/);
});

rows.row('S15', 'a worker that holds too much memory is replaced after its job', async () => {
  await using pool = new Pool({ processes: 1, maxMemoryPerChild: '150mb' });
  const first = await pool.apply(jobs.hoard, [1]);
  assert.equal(await pool.apply(jobs.hoard, [200]), first);
  assert.notEqual(await pool.apply(jobs.hoard, [1]), first);
});

rows.row('S16', 'a map over workers that are replaced after each chunk is complete', async () => {
  await using pool = new Pool({ processes: 2, maxTasksPerChild: 1, lostWorkerTimeout: 10 });
  const items = hundred.slice(0, 20);
  const results = await pool.map(jobs.sqr, items, { chunkSize: 1 });
  assert.deepEqual(results, squares.slice(0, 20));
});

rows.row('S17', 'close and join after a map take no time', async () => {
  const pool = new Pool({ processes: 2 });
  await pool.map(jobs.sqr, hundred.slice(0, 40));
  const begun = performance.now();
  pool.close();
  await pool.join();
  assert.ok(performance.now() - begun < 1000);
});

rows.row('S18', 'terminate rejects everything that runs or waits', async () => {
  const pool = new Pool({ processes: 2, killGrace: 100 });
  const results = Array.from({ length: 6 }, () => pool.applyAsync(jobs.sleep, [30_000]));
  await pool.warmUp();
  await pool.terminate();
  for (const result of results) {
    assert.ok((await rejection(result)) instanceof PoolTerminatedError);
  }
});

rows.row('S19', 'terminateJob ends what a worker runs, by the signal asked for', async () => {
  await using pool = new Pool({ processes: 1 });
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const accepted = new Promise<number>((acceptCallback) => {
      const result = pool.applyAsync(jobs.sleep, [30_000], { acceptCallback });
      void rejection(result).then((error) => {
        assert.ok(error instanceof Terminated);
        assert.equal(error.signal, signal);
        ended.push(signal);
      });
    });
    assert.equal(pool.terminateJob(await accepted, signal), true);
    assert.equal(await pool.apply(jobs.sqr, [2]), 4);
  }
  assert.deepEqual(ended, ['SIGTERM', 'SIGKILL']);
  assert.equal(pool.terminateJob(1, 'SIGKILL'), false);
});
const ended: string[] = [];

rows.row('S20', 'grow and shrink change the number of workers; slots are used again', async () => {
  const ups: number[] = [];
  await using pool = new Pool({ processes: 2, onProcessUp: ({ index }) => ups.push(index) });
  pool.grow();
  await pool.warmUp();
  assert.equal(pool.workers.length, 3);
  const busy = [1, 2, 3].map((each) => pool.applyAsync(jobs.sqr, [each, 300]));
  await Promise.all([pool.warmUp(), new Promise((resolve) => setImmediate(resolve))]);
  assert.throws(() => pool.shrink(2), RangeError);
  await Promise.all(busy);
  pool.shrink(2);
  assert.throws(() => pool.shrink(), RangeError);
  while (pool.workers.length > 1) await pool.apply(jobs.sqr, [1, 5]);
  pool.grow(2);
  await pool.warmUp();
  assert.deepEqual(ups.slice(0, 3), [0, 1, 2]);
  assert.deepEqual(ups.slice(3).sort(), [1, 2]);
});

rows.row('S21', 'restart replaces all workers and loses no job; it has to be allowed', async () => {
  await using fixed = new Pool({ processes: 1 });
  assert.throws(() => fixed.restart(), /allowRestart: true/);
  await using pool = new Pool({ processes: 2, allowRestart: true });
  await pool.warmUp();
  const before = pool.workers.map(({ pid }) => pid);
  const busy = pool.applyAsync(jobs.pid, [200]);
  await new Promise((resolve) => setImmediate(resolve));
  pool.restart();
  const after = await Promise.all(hundred.map(() => pool.apply(jobs.pid, [1])));
  assert.ok(before.includes(await busy));
  assert.ok(after.every((pid) => !before.includes(pid)));
});

rows.row('S22', 'too many failures to start break the pool, not the program', async () => {
  await using pool = new Pool({
    processes: 2,
    maxRestarts: 2,
    maxRestartFreq: '30s',
    initializer: jobs.exit as never,
    initArgs: [1],
  });
  const results = [1, 2, 3].map((each) => pool.apply(jobs.sqr, [each]));
  for (const result of results) {
    const error = await rejection(result);
    assert.ok(error instanceof RestartFreqExceeded);
    assert.ok(error.cause instanceof WorkerLostError);
    assert.equal(error.cause.exitCode, 1);
  }
  assert.ok((await rejection(pool.apply(jobs.sqr, [1]))) instanceof RestartFreqExceeded);
});

rows.row(
  'S23',
  'an initializer that throws rejects all jobs, with its error as the cause',
  async () => {
    await using pool = new Pool({ initializer: jobs.failOn as never, initArgs: [2] });
    const error = await rejection(pool.apply(jobs.sqr, [1]));
    assert.ok(error instanceof RestartFreqExceeded);
    assert.ok(error.cause instanceof RangeError);
    assert.match(error.message, /not 2/);
  },
);

rows.row('S24', 'an error of a callback is a warning, and the pool goes on', async () => {
  const host = new Host(`
    process.on('warning', ({ code }) => console.log(code));
    const two = new Pool({ processes: 2 });
    const fail = () => { throw new Error('callback'); };
    const ok = (x) => x;
    const bad = () => { throw new Error('job'); };
    console.log(await two.applyAsync(ok, [1], { callback: fail, acceptCallback: fail }));
    await two.applyAsync(bad, [], { errorCallback: fail }).wait();
    console.log((await two.mapAsync(ok, [1, 2], { callback: fail })).length);
    console.log(await two.apply(ok, ['still']));
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  const lines = host.stdout.trim().split('\n');
  assert.deepEqual(
    lines.filter((line) => line !== 'PARPROC_CALLBACK'),
    ['1', '2', 'still'],
  );
  assert.equal(lines.length, 7);
});

rows.row('S25', 'an error of a callback that is to propagate fails the result', async () => {
  await using pool = new Pool({ processes: 1 });
  const fail = (): never => {
    throw new URIError('callback');
  };
  const callbacksPropagate = [URIError];
  for (const options of [
    { callback: fail, callbacksPropagate },
    { acceptCallback: fail, callbacksPropagate },
  ]) {
    assert.ok((await rejection(pool.applyAsync(jobs.sqr, [1], options))) instanceof URIError);
  }
  const map = pool.mapAsync(jobs.sqr, [1], { callback: fail, callbacksPropagate });
  assert.ok((await rejection(map)) instanceof URIError);
});

rows.row('S26', 'with putLocks a job is queued when a slot is free, in turn', async () => {
  await using pool = new Pool({ processes: 2, putLocks: true });
  const order: string[] = [];
  const results = hundred.slice(0, 6).map((each) => {
    const result = pool.applyAsync(jobs.sqr, [each, 30]);
    void result.admitted.then(() => order.push(`in ${each}`));
    void result.then(() => order.push(`out ${each}`));
    return result;
  });
  const free = pool.applyAsync(jobs.sqr, [9], { waitForSlot: false });
  await free.admitted;
  await Promise.all([...results, free]);
  for (const each of [2, 3, 4, 5]) {
    const before = order.slice(0, order.indexOf(`in ${each}`));
    assert.ok(before.filter((word) => word.startsWith('out')).length >= each - 1, order.join());
  }
});

rows.row('S27', 'the correlation id stays with the result', async () => {
  await using pool = new Pool({ processes: 1 });
  const result = pool.applyAsync(jobs.sqr, [1], { correlationId: 'foo' });
  assert.equal(result.correlationId, 'foo');
  await result;
});

rows.row('S28', 'an error of a class with arguments of its own arrives readable', async () => {
  await using pool = new Pool({ processes: 1 });
  const error = await rejection(pool.apply(jobs.failOddly));
  assert.deepEqual([error.name, error.message], ['OddError', 'a and b']);
  assert.deepEqual((error as Error & { parts?: unknown }).parts, new Map([['a', 'b']]));
});

rows.row('S29', 'next with a timeout gives up waiting; the result comes later', async () => {
  await using pool = new Pool({ processes: 1 });
  const iterator = pool.imap(
    (wait: number) => new Promise((resolve) => setTimeout(resolve, wait, wait)),
    [600],
  );
  assert.ok((await rejection(iterator.next({ timeout: 20 }))) instanceof TimeoutError);
  assert.deepEqual(await iterator.next(), { done: false, value: 600 });
});

rows.row('S30', 'a soft limit that comes too late hits nobody', async () => {
  await using pool = new Pool({ processes: 1 });
  for (let count = 0; count < 10; count++) {
    await pool.applyAsync(jobs.sqr, [1, 10], { softTimeout: 10 });
    assert.equal(await pool.apply(jobs.isAborted), false);
  }
  assert.equal(pool.didStartOk(), true);
});

rows.row('S31', 'nothing outlives a program that was killed', async () => {
  const host = new Host(`
    const two = new Pool({ processes: 2 });
    for (const _ of [1, 2]) {
      void two.applyAsync(() => {
        const { spawn } = process.getBuiltinModule('node:child_process');
        spawn('sleep', ['1000']);
        spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
        process.stdout.write('up');
        for (;;);
      });
    }
  `);
  await host.heard('upup');
  host.child.kill('SIGKILL');
  await host.ended();
  assert.deepEqual(await survivorsOf(host.token), []);
});

rows.row('S32', 'onProcessExit runs in the worker, with pid and exit code', async () => {
  using project = new TempProject();
  const file = `${project.folder}/log`;
  writeFileSync(file, '');
  const env = { ...process.env, PARPROC_TEST_FILE: file };
  const pool = new Pool({ processes: 1, maxTasksPerChild: 2, onProcessExit: jobs.noteExit, env });
  const pid = await pool.apply(jobs.pid, [0]);
  for (const _ of [1, 2]) await pool.apply(jobs.pid, [0]);
  pool.close();
  await pool.join();
  const [first, second] = readFileSync(file, 'utf8').trim().split('\n');
  assert.equal(first, `${pid} 155`);
  assert.match(second ?? '', /^\d+ 0$/);
});

rows.row('S33', 'an initializer that ignores SIGTERM does not hold up terminate', async () => {
  const pool = new Pool({ processes: 1, initializer: jobs.ignoreTerm as never, killGrace: 100 });
  const result = pool.applyAsync(jobs.sleep, [30_000]);
  await pool.warmUp();
  await pool.terminate();
  assert.ok((await rejection(result)) instanceof PoolTerminatedError);
  assert.equal(typeof currentJob, 'function');
});

rows.count();
