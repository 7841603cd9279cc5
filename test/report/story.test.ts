import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../lib/model/run-event.ts';
import { KeptLogs } from '../../lib/report/kept-logs.ts';
import { LiveBoard } from '../../lib/report/live-board.ts';
import { Story } from '../../lib/report/story.ts';

const counts = { ran: 0, upToDate: 0, skipped: 0, failed: 0, dependencyFailed: 0, cancelled: 0 };

function begun(run: number): RunEvent {
  return { event: 'run-started', at: run, run };
}

function wanted(run: number, task: string): RunEvent {
  return { event: 'task-wanted', at: run, run, task, isGroup: false, deps: [], estimateMs: 10 };
}

function started(run: number, task: string, at = run): RunEvent {
  return { event: 'task-started', at, run, task, isGroup: false, reasons: [{ kind: 'full' }] };
}

function takenUp(run: number, task: string, worker: number, at = run): RunEvent {
  return { event: 'task-taken-up', at, run, task, pid: 100 + worker, worker };
}

function outdated(run: number, task: string): RunEvent {
  return { event: 'task-outdated', at: run, run, task, isGroup: false };
}

function ended(run: number, task: string): Extract<RunEvent, { event: 'task-ended' }> {
  const state = { kind: 'succeeded', tookMs: 1 } as const;
  return { event: 'task-ended', at: run, run, task, isGroup: false, state };
}

function over(run: number): RunEvent {
  return { event: 'run-ended', at: run, run, tookMs: 0, counts };
}

test('what was outdated while it ran is told of as it was when it ran again', () => {
  const story = new Story();
  for (const event of [
    begun(1),
    wanted(1, 'a'),
    started(1, 'a', 1),
    takenUp(1, 'a', 0),
    wanted(1, 'a'),
    wanted(1, 'b'),
    started(1, 'b', 2),
    outdated(1, 'a'),
    started(1, 'a', 3),
    takenUp(1, 'a', 0, 4),
    ended(1, 'a'),
  ]) {
    story.take(event);
  }
  const { startedAt, stays, state } = story.task(1, 'a') ?? {};
  assert.deepEqual([startedAt, state?.kind], [3, 'succeeded']);
  assert.deepEqual(stays, [{ row: { worker: 0, lane: 1 }, pid: 100, from: 3, until: 1 }]);
});

test('a stay begins with the task, or when its process was free, and further attempts when they do', () => {
  const story = new Story();
  const failure = { reason: 'never-completed' } as const;
  for (const event of [
    begun(1),
    wanted(1, 'a'),
    wanted(1, 'b'),
    started(1, 'a', 10),
    started(1, 'b', 10),
    takenUp(1, 'a', 3, 20),
    { event: 'task-retried', at: 30, run: 1, task: 'a', attempt: 1, failure, delayMs: 5 } as const,
    takenUp(1, 'b', 3, 31),
    takenUp(1, 'a', 0, 40),
    { ...ended(1, 'a'), at: 50 },
    { ...ended(1, 'b'), at: 60 },
  ]) {
    story.take(event);
  }
  assert.deepEqual(
    ['a', 'b'].map((name) =>
      story.task(1, name)?.stays.map(({ row, from, until }) => [row.worker, from, until]),
    ),
    [
      [
        [3, 10, 30],
        [0, 40, 50],
      ],
      [[3, 30, 60]],
    ],
  );
});

test('of very many tasks old runs are forgotten, the newest never', () => {
  const story = new Story();
  const logs = new KeptLogs();
  const log = {
    path: undefined,
    lineCount: 1,
    unshownHits: 0,
    whole: ['x'],
    excerpts: [],
    fullText: () => ['x'],
  };
  for (const run of [1, 2, 3]) {
    story.take(begun(run));
    logs.keepOnly(story.runs);
    for (let n = 0; n < 6000; n++) story.take(wanted(run, `t${n}`));
    logs.keep(ended(run, 't0'), log);
    story.take(over(run));
  }
  assert.deepEqual([...story.runs.keys()], [2, 3]);
  assert.deepEqual([story.task(1, 't0'), story.tasks.size], [undefined, 12_000]);
  assert.deepEqual([logs.of(1, 't0'), logs.of(2, 't0')], [undefined, 'x']);
});

test('a task that is wanted anew before it has ended counts once', () => {
  const board = new LiveBoard();
  for (const event of [begun(1), wanted(1, 'a'), started(1, 'a'), wanted(1, 'a')])
    board.take(event);
  assert.deepEqual([board.counts.total, board.running.length], [1, 1]);
  board.take(outdated(1, 'a'));
  assert.deepEqual([board.counts, board.running], [{ total: 1, done: 0, failed: 0 }, []]);
  assert.equal(board.leftMs(1, 1), 10);
  for (const event of [started(1, 'a'), ended(1, 'a')]) board.take(event);
  assert.deepEqual(
    [board.counts, board.leftMs(1, 1)],
    [{ total: 1, done: 1, failed: 0 }, undefined],
  );
});
