import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outlook } from '../../lib/report/outlook.ts';

type Task = readonly [name: string, estimateMs: number | undefined, ...deps: string[]];

function outlookOf(...tasks: readonly Task[]): Outlook {
  const outlook = new Outlook();
  for (const [name, estimateMs, ...deps] of tasks) {
    outlook.want(`1 ${name}`, { run: 1, deps, ...(estimateMs !== undefined && { estimateMs }) });
  }
  return outlook;
}

const none = new Map<string, { since: number }>();
const abc = ['a', 'b', 'c', 'd'].map((name): Task => [name, 1000]);

test('independent work is shared by the slots', () => {
  assert.equal(outlookOf(...abc).leftMs(none, 0, 2), 2000);
});

test('a chain takes as long as its parts, however many slots there are', () => {
  const outlook = outlookOf(['a', 1000], ['b', 1000, 'a'], ['c', 3000, 'b'], ['x', 10]);
  assert.equal(outlook.leftMs(new Map([['1 a', { since: 0 }]]), 500, 8), 4500);
});

test('what has ended is not left, and what is under way only in part', () => {
  const outlook = outlookOf(...abc);
  outlook.end('1 a');
  assert.equal(outlook.leftMs(new Map([['1 b', { since: 0 }]]), 400, 1), 2600);
  assert.equal(outlook.leftMs(new Map([['1 b', { since: 0 }]]), 5000, 1), 2000);
});

test('nothing is foretold of what takes longer than it ever did', () => {
  const outlook = outlookOf(['a', 1000], ['b', 100]);
  const running = new Map([['1 a', { since: 0 }]]);
  assert.equal(outlook.leftMs(running, 2000, 2), 50);
  outlook.end('1 b');
  assert.equal(outlook.leftMs(running, 2000, 2), undefined);
});

test('nothing is foretold unless most tasks have run before; the others count as usual ones', () => {
  assert.equal(outlookOf(['a', 1000], ['b', undefined]).leftMs(none, 0, 1), undefined);
  assert.equal(outlookOf(...abc, ['x', undefined]).leftMs(none, 0, 1), 5000);
  assert.equal(outlookOf().leftMs(none, 0, 1), undefined);
});
