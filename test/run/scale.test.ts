import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear, configure, run, task } from '../../lib/index.ts';

const count = 100_000;

/** Tasks in this process, silent, without a cache. */
function begin(): void {
  process.env['PARPROC_SILENT'] = '1';
  configure({ mode: 'single', cache: false, parallel: 4 });
  clear();
}

test('V18, V19, V21: a chain of 100,000 tasks runs to its end, each task once and in order', async () => {
  begin();
  let next = 0;
  task('link::[n]')
    .args({ n: Number })
    .deps(({ n }) => (n === 0 ? [] : `link::${n - 1}`))
    .action((_ctx, { n }) => {
      assert.equal(n, next);
      next += 1;
    });
  const { ok, tasks } = await run(`link::${count - 1}`);
  assert.deepEqual([ok, tasks.size, next], [true, count, count]);
});

test('100,000 independent tasks run, never more than the limit at a time', async () => {
  begin();
  let running = 0;
  let most = 0;
  task('one::[n]').action(async () => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
  });
  const names = Array.from({ length: count }, (_, n) => `one::${n}`);
  const { ok, tasks } = await run(names);
  assert.deepEqual([ok, tasks.size, most], [true, count, 4]);
});

test('100,000 tasks in 100 waves and on one lock respect both', async () => {
  begin();
  let wave = 0;
  let holders = 0;
  for (let each = 0; each < 100; each++) {
    task(`wave-${each}::[n]`)
      .wave(each)
      .locks('the lock')
      .action(async () => {
        holders += 1;
        assert.equal(holders, 1);
        assert.ok(each >= wave);
        wave = each;
        await Promise.resolve();
        holders -= 1;
      });
  }
  const names = Array.from({ length: count }, (_, n) => `wave-${n % 100}::${n}`);
  const { ok, tasks } = await run(names);
  assert.deepEqual([ok, tasks.size, wave], [true, count, 99]);
});
