import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { Pool } from '../../lib/pool/index.ts';
import { keepingMemory } from '../../lib/pool/kept-memory.ts';

const noLinux = process.platform !== 'linux' && 'there is /proc on Linux only';

async function environments(options: { env?: Record<string, string>; maxMemoryPerChild?: string }) {
  await using pool = new Pool({ processes: 1, ...options });
  return await pool.apply(async () => {
    const { readFileSync } = await import('node:fs');
    const given = readFileSync('/proc/self/environ', 'utf8').split('\0');
    return {
      given: given.filter((line) => line.startsWith('MALLOC_')).sort(),
      seen: Object.keys(process.env).filter((name) => name.startsWith('MALLOC_')),
    };
  });
}

test('workers keep freed memory, and jobs see nothing of it', { skip: noLinux }, async () => {
  assert.deepEqual(await environments({}), {
    given: ['MALLOC_MMAP_THRESHOLD_=8388608', 'MALLOC_TRIM_THRESHOLD_=67108864'],
    seen: [],
  });
});

test('workers whose memory is limited give it back', { skip: noLinux }, async () => {
  const found = await environments({ maxMemoryPerChild: '500mb' });
  assert.deepEqual(found, { given: [], seen: [] });
});

test('what a user says about memory stands', { skip: noLinux }, async () => {
  const own = { MALLOC_ARENA_MAX: '2' };
  assert.equal(keepingMemory(own), own);
  assert.deepEqual(await environments({ env: own }), {
    given: ['MALLOC_ARENA_MAX=2'],
    seen: ['MALLOC_ARENA_MAX'],
  });
});
