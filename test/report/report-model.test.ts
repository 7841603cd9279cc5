import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../lib/model/run-event.ts';
import { KeptLogs } from '../../lib/report/kept-logs.ts';
import { reportModel } from '../../lib/report/report-model.ts';
import { Story } from '../../lib/report/story.ts';
import type { TaskLog } from '../../lib/report/task-logs.ts';

const place = { file: resolve('gulpfile.mjs'), line: 3, column: 1 };
const about = { run: 1, isGroup: false };

function modelOf(events: readonly RunEvent[]): ReturnType<typeof reportModel> {
  const story = new Story();
  for (const event of events) story.take(event);
  const facts = { title: 'site: build', madeAt: 'today', slotCount: 2 };
  return reportModel(story, {
    ...facts,
    logOf: (_run, name) => (name === 'a' ? 'hello' : undefined),
  });
}

test('a page is told of each task what is known of it, and of times since the build began', () => {
  const counts = { ran: 1, upToDate: 1, skipped: 0, failed: 0, dependencyFailed: 0, cancelled: 0 };
  const model = modelOf([
    { event: 'run-started', at: 1000, run: 1 },
    { event: 'task-wanted', at: 1000, ...about, task: 'b', deps: ['a'] },
    {
      event: 'task-wanted',
      at: 1000,
      ...about,
      task: 'a',
      deps: [],
      args: { x: '1' },
      estimateMs: 90,
    },
    { event: 'task-started', at: 1010, ...about, task: 'a', reasons: [{ kind: 'full' }] },
    { event: 'task-taken-up', at: 1020, run: 1, task: 'a', pid: 7, worker: 2 },
    {
      event: 'task-ended',
      at: 1100.04,
      ...about,
      task: 'a',
      state: { kind: 'succeeded', tookMs: 90 },
      place,
    },
    { event: 'task-ended', at: 1101, ...about, task: 'b', state: { kind: 'up-to-date' } },
    { event: 'run-ended', at: 1200, run: 1, tookMs: 200, counts },
  ]);
  assert.deepEqual(model, {
    title: 'site: build',
    madeAt: 'today',
    slotCount: 2,
    isForecast: false,
    tookMs: 200,
    rows: ['worker 2'],
    tasks: [
      { name: 'b', run: 1, isGroup: false, state: 'up-to-date', deps: [1], reasons: [] },
      {
        name: 'a',
        run: 1,
        isGroup: false,
        state: 'succeeded',
        deps: [],
        reasons: ['full run'],
        startMs: 10,
        tookMs: 90,
        stays: [{ row: 0, pid: 7, startMs: 10, tookMs: 90 }],
        estimateMs: 90,
        args: { x: '1' },
        place: 'gulpfile.mjs:3:1',
        log: 'hello',
      },
    ],
    critical: [{ task: 1, after: undefined }],
    chain: [1],
    chainMs: 90,
    advice: [{ task: 1, savesMs: 90 }],
  });
});

test('of a task that could not run the page is told why', () => {
  const { tasks } = modelOf([
    { event: 'run-started', at: 0, run: 1 },
    { event: 'task-wanted', at: 0, ...about, task: 'a', deps: [] },
    {
      event: 'task-ended',
      at: 1,
      ...about,
      task: 'a',
      state: { kind: 'dependency-failed', cause: 'x' },
    },
  ]);
  assert.equal(tasks[0]?.note, 'not run: x failed');
});

test('of a long log the end is kept, and of many logs as much as a page can bear', () => {
  const logs = new KeptLogs();
  const keep = (task: string, text: string): void => {
    const findings = { excerpts: [], whole: undefined, lineCount: 1, unshownHits: 0 };
    const log: TaskLog = { ...findings, path: undefined, fullText: () => [text, 'the end\n'] };
    logs.keep({ event: 'task-ended', at: 1, ...about, task, state: { kind: 'up-to-date' } }, log);
  };
  keep('short', 'begin\u001b[2J\n');
  assert.equal(logs.of(1, 'short'), 'begin\nthe end\n');
  for (let count = 0; count < 1200; count++)
    keep(`t${count}`, 'x'.repeat(99).concat('\n').repeat(1000));
  const text = logs.of(1, 't0') ?? '';
  assert.ok(text.length <= 16_400 && text.startsWith('…\nx') && text.endsWith('x\nthe end\n'));
  assert.equal(logs.of(1, 't1199'), undefined);
});

test('what was put back is told with the reason why it would have run', () => {
  const restored = [{ kind: 'input-changed', path: 'a.txt' }] as const;
  const { tasks } = modelOf([
    { event: 'run-started', at: 0, run: 1 },
    { event: 'task-wanted', at: 0, ...about, task: 'b', deps: [], estimateMs: 70 },
    { event: 'task-ended', at: 1, ...about, task: 'b', state: { kind: 'up-to-date', restored } },
  ]);
  assert.deepEqual(
    tasks.map(({ state, reasons, estimateMs }) => [state, reasons, estimateMs]),
    [['restored', ['a.txt changed'], 70]],
  );
});
