import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import process from 'node:process';
import { test } from 'node:test';
import { SpareCores } from '../../plugins/spare-cores.ts';

test('a core that this process keeps busy is not to spare', () => {
  const cores = new SpareCores();
  const begin = process.cpuUsage();
  // The system counts in steps of 10 ms.
  while (process.cpuUsage(begin).user < 500_000);
  const spare = cores.sinceLast();
  assert.ok(spare >= 0 && spare < cpus().length - 0.5, `${spare} cores`);
});
