import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';
import { buildFlags, Pool } from '../../lib/pool/index.ts';
import { inheritedFlags } from '../../lib/pool/inherited-flags.ts';

const collecting = ['--single-threaded-gc', '--max-semi-space-size=64'];

test('workers of builds collect garbage on one thread, unless their user says how', () => {
  assert.deepEqual(buildFlags(['--import', 'tsx']), [...collecting, '--import', 'tsx']);
  assert.deepEqual(buildFlags(['--max-semi-space-size=8']), ['--max-semi-space-size=8']);
  assert.deepEqual(buildFlags([], '--min_semi_space_size=8'), []);
  const { status } = spawnSync(process.execPath, [...collecting, '-e', '0']);
  assert.equal(status, 0);
});

test('what a worker starts gets only the flags of the parent, threads included', async () => {
  await using pool = new Pool({ processes: 1, execArgv: buildFlags() });
  const seen = await pool.apply(async () => {
    const { readFileSync } = await import('node:fs');
    const { Worker: Thread } = await import('node:worker_threads');
    const thread = new Thread('0', { eval: true, execArgv: process.execArgv });
    await new Promise((resolve) => thread.once('exit', resolve));
    return {
      given: readFileSync('/proc/self/cmdline', 'utf8').split('\0').slice(1, 3),
      told: process.execArgv,
    };
  });
  assert.deepEqual(seen, { given: collecting, told: inheritedFlags(process.execArgv) });
});
