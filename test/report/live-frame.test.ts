import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { frameOf, type LiveScene } from '../../lib/report/live-frame.ts';
import { lookOf } from '../../lib/report/look.ts';

const plain = lookOf(false);

function scene(names: readonly string[], more: Partial<LiveScene> = {}): LiveScene {
  return {
    running: names.map((name) => ({
      run: 1,
      name,
      since: 0,
      estimateMs: 10_000,
      logPath: undefined,
    })),
    waiting: [],
    counts: { total: 30, done: 12, failed: 0 },
    leftMs: undefined,
    now: 5000,
    tick: 0,
    ...more,
  };
}

test('a task that runs has name, bar, percentage and time; below are the totals', () => {
  const frame = frameOf(scene(['styles::dev', 'lint'], { leftMs: 14_200 }), wide(80), plain);
  assert.deepEqual(frame, [
    '⠋ styles::dev  ██████░░░░░░  50 %       5.0 s',
    '⠋ lint         ██████░░░░░░  50 %       5.0 s',
    '12 of 30 done, 2 running, about 14 s left',
  ]);
});

test('a task is never at 100 % before its end', () => {
  const [line] = frameOf(scene(['lint'], { now: 60_000 }), wide(80), plain);
  assert.equal(line, '⠋ lint  ████████████  99 %  1 min 00 s');
});

test('without any estimate there is no room for bars', () => {
  const running = [{ run: 1, name: 'a', since: 0, estimateMs: undefined, logPath: undefined }];
  const [line] = frameOf(scene([], { running }), wide(80), plain);
  assert.equal(line, '⠋ a       5.0 s');
});

test('whatever the width, a line never wraps, and less is told where there is less room', () => {
  const names = ['styles::full::production', '漢字の長い長い名前', '👩‍👩‍👧'.repeat(20), 'a'];
  const widths = [1, 2, 5, 10, 20, 23, 24, 30, 39, 40, 59, 60, 80, 200];
  for (const columns of widths) {
    const waiting = ['deploy::prod waits for the lock net, which deploy::dev has'];
    const frame = frameOf(scene(names, { waiting }), { columns, rows: 24 }, plain);
    assert.equal(frame.length, 6);
    for (const line of frame) assert.ok(stringWidth(line) <= Math.max(columns - 1, 3), line);
  }
  const at = (columns: number): string => frameOf(scene(['abc']), wide(columns), plain)[0] ?? '';
  assert.equal(at(20), '⠋ abc');
  assert.equal(at(30), '⠋ abc       5.0 s');
  assert.equal(at(45), '⠋ abc  50 %       5.0 s');
});

test('no more lines are drawn than fit, whatever there is', () => {
  const names = Array.from({ length: 200 }, (_, index) => `t::${index}`);
  const waiting = ['a', 'b', 'c', 'd'];
  for (const rows of [1, 2, 3, 4, 5, 8, 24, 300]) {
    const frame = frameOf(scene(names, { waiting }), { columns: 80, rows }, plain);
    assert.ok(frame.length <= Math.max(rows - 2, 1), `${frame.length} of ${rows}`);
    assert.match(frame.at(-1) ?? '', /^12 of 30 done/);
  }
  assert.equal(frameOf(scene(names), { columns: 80, rows: 10 }, plain)[6], '… and 194 more');
});

test('a name that has a log leads to it', () => {
  const running = [{ run: 1, name: 'a', since: 0, estimateMs: undefined, logPath: '/logs/a.log' }];
  const look = lookOf(false, (path) => `file://${path}`);
  const [line = ''] = frameOf(scene([], { running }), wide(80), look);
  const esc = '\u001b';
  assert.ok(line.includes(`${esc}]8;;file:///logs/a.log${esc}\\a${esc}]8;;${esc}\\`));
});

function wide(columns: number): { columns: number; rows: number } {
  return { columns, rows: 24 };
}
