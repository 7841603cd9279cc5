import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../lib/model/run-event.ts';
import { jsonReporter } from '../../lib/report/json-reporter.ts';

function textOf(...events: RunEvent[]): string {
  let all = '';
  const report = jsonReporter({ write: (text) => (all += text) });
  for (const event of events) report(event);
  return all;
}

test('every event is one line, its fields always in the same order', () => {
  const counts = { ran: 1, upToDate: 0, skipped: 0, failed: 1, dependencyFailed: 1, cancelled: 0 };
  const place = { file: '/site/parprocfile.ts', line: 12, column: 6 };
  const task = { run: 1, task: 'lint', isGroup: false };
  const text = textOf(
    { run: 1, event: 'run-started', at: 0.12345678 },
    { deps: ['a', 'b'], ...task, event: 'task-wanted', at: 1 },
    { reasons: [{ kind: 'input-changed', path: 'a.js' }], ...task, event: 'task-started', at: 2 },
    { event: 'output', text: 'hm\n', stream: 'stderr', at: 3, run: 1, task: 'lint' },
    { event: 'task-ended', state: { kind: 'succeeded', tookMs: 2.00004 }, at: 4, ...task, place },
    { event: 'run-ended', counts, tookMs: 5, run: 1, at: 5 },
    { text: 'The disk is full.', code: 'cache-off', event: 'warning', at: 6 },
  );
  assert.deepEqual(text.split('\n'), [
    '{"v":1,"at":0.123,"event":"run-started","run":1}',
    '{"v":1,"at":1,"event":"task-wanted","run":1,"task":"lint","isGroup":false,"deps":["a","b"]}',
    '{"v":1,"at":2,"event":"task-started","run":1,"task":"lint","isGroup":false,"reasons":[{"kind":"input-changed","path":"a.js"}]}',
    '{"v":1,"at":3,"event":"output","run":1,"task":"lint","stream":"stderr","text":"hm\\n"}',
    '{"v":1,"at":4,"event":"task-ended","run":1,"task":"lint","isGroup":false,"state":"succeeded","tookMs":2,"place":{"file":"/site/parprocfile.ts","line":12,"column":6}}',
    '{"v":1,"at":5,"event":"run-ended","run":1,"tookMs":5,"counts":{"ran":1,"upToDate":0,"skipped":0,"failed":1,"dependencyFailed":1,"cancelled":0}}',
    '{"v":1,"at":6,"event":"warning","code":"cache-off","text":"The disk is full."}',
    '',
  ]);
});

test('a state is flat: its name, then what it carries', () => {
  const ended = { event: 'task-ended', at: 1, run: 1, task: 't', isGroup: false } as const;
  const head = '{"v":1,"at":1,"event":"task-ended","run":1,"task":"t","isGroup":false';
  const failure = { reason: 'timed-out', limitMs: 60_000 } as const;
  const text = textOf(
    { ...ended, state: { kind: 'failed', failure, tookMs: 60_001 } },
    { ...ended, state: { kind: 'dependency-failed', cause: 'lint' } },
    { ...ended, state: { kind: 'up-to-date' } },
    { ...ended, state: { kind: 'cancelled' } },
  );
  assert.deepEqual(text.split('\n'), [
    `${head},"state":"failed","tookMs":60001,"failure":{"reason":"timed-out","limitMs":60000}}`,
    `${head},"state":"dependency-failed","cause":"lint"}`,
    `${head},"state":"up-to-date"}`,
    `${head},"state":"cancelled"}`,
    '',
  ]);
});

test('hostile text stays on its line and steers no terminal, and is the same once parsed', () => {
  const hostile = '"\\\u001b]0;x\u0007\r\n\u0085\u009b2J\u2028\u2029\u202e\ud800 ok';
  const text = textOf({ event: 'warning', at: 1, code: 'c', text: hostile });
  assert.equal(
    text,
    String.raw`{"v":1,"at":1,"event":"warning","code":"c","text":"\"\\\u001b]0;x\u0007\r\n\u0085\u009b2J\u2028\u2029\u202e\ud800 ok"}` +
      '\n',
  );
  assert.equal(JSON.parse(text).text, hostile);
});

test('what an error carries and JSON refuses is shown as text', () => {
  const circle: { self?: object } = {};
  circle.self = circle;
  const error = { name: 'Error', message: 'no', own: { size: 10n, circle, line: 7 } };
  const state = { kind: 'failed', tookMs: 1, failure: { reason: 'threw', error } } as const;
  const text = textOf({ event: 'task-ended', at: 1, run: 1, task: 't', isGroup: false, state });
  const { failure } = JSON.parse(text) as { failure: { error: { own: object } } };
  assert.deepEqual(failure.error.own, {
    size: '10n',
    circle: '<ref *1> { self: [Circular *1] }',
    line: '7',
  });
});

test('a service is marked at its end as a task, and goes on without a run', () => {
  const task = { at: 1, task: 'serve' } as const;
  const text = textOf(
    {
      event: 'task-ended',
      ...task,
      run: 1,
      isGroup: false,
      state: { kind: 'succeeded', tookMs: 5 },
      isService: true,
    },
    { event: 'service-output', ...task, stream: 'stdout', text: 'GET /\n' },
    { event: 'service-ended', ...task, tookMs: 7.00004, how: 'stopped' },
    {
      event: 'service-ended',
      ...task,
      tookMs: 7,
      how: 'died',
      failure: { reason: 'lost', exitCode: 3, signal: null },
    },
  );
  assert.deepEqual(text.trimEnd().split('\n'), [
    '{"v":1,"at":1,"event":"task-ended","run":1,"task":"serve","isGroup":false,"state":"succeeded","tookMs":5,"isService":true}',
    '{"v":1,"at":1,"event":"service-output","task":"serve","stream":"stdout","text":"GET /\\n"}',
    '{"v":1,"at":1,"event":"service-ended","task":"serve","tookMs":7,"how":"stopped"}',
    '{"v":1,"at":1,"event":"service-ended","task":"serve","tookMs":7,"how":"died","failure":{"reason":"lost","exitCode":3,"signal":null}}',
  ]);
});
