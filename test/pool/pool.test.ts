import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moduleRefs, Pool, TimeLimitExceeded } from '../../lib/pool/index.ts';
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
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      clearTimeout(timer);
    };
    const acceptCallback = () => setTimeout(() => controller.abort(), 100);
    const result = one.applyAsync(job, [], { signal: controller.signal, acceptCallback });
    await result.catch(({ name }) => console.log(name));
  `);
  assert.deepEqual(await host.ended(), { code: 0, signal: null });
  assert.equal(host.stdout, 'AbortError\n');
});
