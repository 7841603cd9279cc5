import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Pool, WorkerLostError } from '../../lib/pool/index.ts';
import { TempProject } from '../rig/temp-project.ts';

/** Short calls until a worker is sent many at a time. */
async function warmUp(pool: Pool, fn: (id: number, ...more: string[]) => unknown): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 500 }, () => pool.apply(fn, [0])));
  }
}

test('results of short jobs come although a long one runs behind them in the same worker', {
  timeout: 60_000,
}, async () => {
  using project = new TempProject();
  const flag = join(project.folder, 'go');
  await using pool = new Pool({ processes: 1 });
  const answer = (id: number, path?: string): number => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const fs = process.getBuiltinModule('node:fs');
    if (path !== undefined) while (!fs.existsSync(path)) Atomics.wait(cell, 0, 0, 1);
    return id;
  };
  await warmUp(pool, answer);
  const short = [1, 2, 3].map((id) => pool.apply(answer, [id]));
  const long = pool.apply(answer, [4, flag]);
  const last = pool.apply(answer, [5]);
  assert.deepEqual(await Promise.all(short), [1, 2, 3]);
  assert.ok(!existsSync(flag));
  writeFileSync(flag, '');
  assert.deepEqual(await Promise.all([long, last]), [4, 5]);
});

test('of many short jobs in a worker that dies one is lost, and none runs twice', async () => {
  using project = new TempProject();
  const log = join(project.folder, 'ran');
  appendFileSync(log, '');
  await using pool = new Pool({ processes: 1 });
  const note = (id: number, path?: string): string => {
    // Those right before the end are too short for the worker to tell of them.
    const isNoted = path !== undefined && (id < 25 || id > 37);
    if (isNoted) process.getBuiltinModule('node:fs').appendFileSync(path, `${id}\n`);
    if (id === 37) process.kill(process.pid, 'SIGKILL');
    return `é${'x'.repeat(id * 10)}`;
  };
  await warmUp(pool, note);
  const calls = Array.from({ length: 60 }, (_, id) => pool.apply(note, [id, log]));
  const ended = await Promise.allSettled(calls);
  for (const [id, result] of ended.entries()) {
    if (id === 37) {
      assert.ok(result.status === 'rejected' && result.reason instanceof WorkerLostError);
    } else assert.deepEqual(result, { status: 'fulfilled', value: `é${'x'.repeat(id * 10)}` });
  }
  const ran = readFileSync(log, 'utf8').trim().split('\n').map(Number);
  const noted = Array.from({ length: 60 }, (_, id) => id).filter((id) => id < 25 || id > 37);
  assert.deepEqual(ran, noted);
});

test('rounds of answers of all kinds and lengths come back as they were, in a worker that goes on', async () => {
  await using pool = new Pool({ processes: 1 });
  const give = (id: number): unknown => {
    if (id % 7 === 1) return undefined;
    if (id % 7 === 2) return 'ü'.repeat(id);
    if (id % 7 === 3) return new Map([[id, 1n]]);
    if (id % 7 === 4) return Buffer.alloc(id, 3);
    if (id % 7 === 5) throw new RangeError(`no ${id}`);
    return [id, { id: null }];
  };
  await Promise.allSettled(Array.from({ length: 500 }, () => pool.apply(give, [0])));
  const ids = Array.from({ length: 4000 }, (_, id) => id);
  const ended = await Promise.allSettled(ids.map((id) => pool.apply(give, [id])));
  for (const [id, result] of ended.entries()) {
    if (result.status === 'fulfilled') assert.deepEqual(result.value, give(id));
    else {
      assert.equal(id % 7, 5);
      assert.equal((result.reason as Error).message, `no ${id}`);
    }
  }
});

test('a pool is terminated though answers come in after it was told so', {
  timeout: 60_000,
}, async () => {
  using project = new TempProject();
  const log = join(project.folder, 'ran');
  const pool = new Pool({ processes: 1 });
  const note = (id: number, path?: string): number => {
    if (path !== undefined) process.getBuiltinModule('node:fs').appendFileSync(path, '.');
    return id;
  };
  await warmUp(pool, note);
  appendFileSync(log, '');
  const calls = Array.from({ length: 30 }, (_, id) => pool.apply(note, [id, log]));
  const all = Promise.allSettled(calls);
  await new Promise(setImmediate);
  // The worker answers meanwhile, and nothing of that is read. If the machine is so slow that it was
  // sent only one job ahead, that one has to do.
  const latest = performance.now() + 5000;
  while (readFileSync(log, 'utf8').length < 3 && performance.now() < latest);
  await pool.terminate();
  assert.equal((await all).length, 30);
});
