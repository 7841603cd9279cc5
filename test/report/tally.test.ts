import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndState } from '../../lib/model/state.ts';
import { tallyOf } from '../../lib/report/tally.ts';

const ends: readonly EndState[] = [
  { kind: 'succeeded', tookMs: 5 },
  { kind: 'succeeded', tookMs: 6 },
  { kind: 'up-to-date' },
  { kind: 'skipped', tookMs: 1, why: 'skip' },
  { kind: 'skipped', tookMs: 1, why: 'no-change' },
  { kind: 'failed', tookMs: 7, failure: { reason: 'never-completed' } },
  { kind: 'dependency-failed', cause: 'lint' },
  { kind: 'cancelled' },
];

test('every task with an action counts once, under the way it ended', () => {
  assert.deepEqual(tallyOf(ends.map((state) => ({ isGroup: false, state }))), {
    ran: 2,
    upToDate: 1,
    skipped: 2,
    failed: 1,
    dependencyFailed: 1,
    cancelled: 1,
  });
});

test('tasks that only group others are not counted, however they ended', () => {
  assert.deepEqual(tallyOf(ends.map((state) => ({ isGroup: true, state }))), {
    ran: 0,
    upToDate: 0,
    skipped: 0,
    failed: 0,
    dependencyFailed: 0,
    cancelled: 0,
  });
});
