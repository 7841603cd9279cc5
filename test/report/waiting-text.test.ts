import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Blocker } from '../../lib/model/blocker.ts';
import { waitingText } from '../../lib/report/waiting-text.ts';

function text(...blockers: readonly Blocker[]): string {
  return waitingText({ task: 'a', blockers });
}

test('it is said what a task waits for', () => {
  const tasks = ['x', 'y'];
  assert.deepEqual(
    [
      text({ kind: 'dep', task: 'b' }),
      text({ kind: 'lock', lock: 'net', task: 'b' }),
      text({ kind: 'wave', wave: 1, count: 4, tasks }),
      text({ kind: 'no-failures', count: 1, tasks: ['x'] }),
      text({ kind: 'wait', task: 'b' }),
      text({ kind: 'pause' }),
      text({ kind: 'slot' }),
    ],
    [
      'a waits for b',
      'a waits for the lock net, which b has',
      'a waits for wave 1 to end: x and 3 more',
      'a waits for all others to succeed: x',
      'a waits for b',
      'a waits for its next attempt or an answer',
      'a waits for a free slot',
    ],
  );
});

test('of several things the first is named and the others counted, a slot aside', () => {
  const blockers: Blocker[] = [
    { kind: 'dep', task: 'b' },
    { kind: 'lock', lock: 'net', task: 'c' },
    { kind: 'slot' },
  ];
  assert.equal(text(...blockers), 'a waits for b and 1 more');
});
