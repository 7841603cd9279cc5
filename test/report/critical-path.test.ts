import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  adviceOn,
  criticalPathOf,
  longestChain,
  type TimedTask,
} from '../../lib/report/critical-path.ts';

/** `[start, end, ...deps]`, or only deps of what did not run. */
function task(span: readonly [number, number] | undefined, ...deps: number[]): TimedTask {
  return { span: span && { startMs: span[0], endMs: span[1] }, deps };
}

function pathOf(tasks: readonly TimedTask[]): string {
  return criticalPathOf(tasks)
    .map(({ task: index, after }) => (after === undefined ? `${index}` : `${after} ${index}`))
    .join(', ');
}

test('the path goes from the last task back over the deps that ended last', () => {
  const tasks = [task([0, 1000]), task([0, 3000]), task([3001, 4000], 0, 1), task([0, 500])];
  assert.equal(pathOf(tasks), '1, dep 2');
});

test('where no dep ended just before, the task had to wait for its turn', () => {
  const locked = [task([0, 1000]), task([1002, 2000], 0), task([2003, 3500], 0)];
  assert.equal(pathOf(locked), '0, dep 1, turn 2');
});

test('a task that began when nothing had ended is the first of the path', () => {
  assert.equal(pathOf([task([0, 100]), task([5000, 6000], 0)]), '1');
  assert.equal(pathOf([task(undefined), task(undefined, 0)]), '');
});

test('tasks that did not run count nothing', () => {
  const tasks = [task([0, 1000]), task(undefined, 0), task([1001, 2001], 1)];
  assert.equal(longestChain(tasks).tookMs, 2000);
  assert.equal(pathOf(tasks), '0, turn 2');
});

test('a task saves at most its own time, and no more than the rest of the build lets it', () => {
  const tasks = [task([0, 1000]), task([0, 3000]), task([3000, 4000], 0, 1)];
  assert.deepEqual(longestChain(tasks), { tasks: [1, 2], tookMs: 4000 });
  assert.deepEqual(adviceOn(tasks, criticalPathOf(tasks), 4), [
    { task: 1, savesMs: 2000 },
    { task: 2, savesMs: 1000 },
  ]);
  const one = adviceOn(tasks, criticalPathOf(tasks), 1);
  assert.deepEqual(one, [{ task: 1, savesMs: 2000 }], 'the other work fills the one slot');
});

test('a chain of 10,000 tasks is gone through in no time', { timeout: 20_000 }, () => {
  const tasks = Array.from({ length: 10_000 }, (_, index) =>
    task([index * 10, index * 10 + 10], ...(index === 0 ? [] : [index - 1])),
  );
  assert.equal(criticalPathOf(tasks).length, 10_000);
  assert.equal(adviceOn(tasks, criticalPathOf(tasks), 4).length, 8);
});
