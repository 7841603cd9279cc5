import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../lib/model/run-event.ts';
import type { EndState } from '../../lib/model/state.ts';
import { githubMarks } from '../../lib/report/github-marks.ts';
import { githubReporter } from '../../lib/report/github-reporter.ts';
import { lookOf } from '../../lib/report/look.ts';
import { TaskLogs } from '../../lib/report/task-logs.ts';

const place = { file: '/repo/site/gulpfile.mjs', line: 12, column: 6 };
const done: EndState = { kind: 'succeeded', tookMs: 812 };
const failed: EndState = {
  kind: 'failed',
  tookMs: 1200,
  failure: { reason: 'declared', message: '100 % bad:\nno, thanks' },
};

function linesFor(...events: RunEvent[]): string[] {
  let text = '';
  let count = 0;
  const logs = new TaskLogs();
  const report = githubReporter(
    {
      write: (each) => {
        text += each;
      },
      look: lookOf(false),
      logs,
      command: 'gulp',
      timeOfDay: () => '12:00:00',
    },
    githubMarks('/repo', () => `word-${++count}`),
  );
  for (const event of events) {
    logs.take(event);
    report(event);
  }
  return text.split('\n').slice(0, -1);
}

function output(task: string, text: string): RunEvent {
  return { event: 'output', at: 2, run: 1, task, stream: 'stdout', text };
}

function ended(task: string, state: EndState): RunEvent {
  return { event: 'task-ended', at: 3, run: 1, task, isGroup: false, state, place };
}

test('what a task wrote that went well is folded under its end', () => {
  assert.deepEqual(linesFor(output('a::x', 'one\ntwo\n'), ended('a::x', done), ended('b', done)), [
    '::group::[12:00:00] ✔ a::x  812 ms',
    '  │ one',
    '  │ two',
    '::endgroup::',
    '[12:00:00] ✔ b  812 ms',
  ]);
});

test('a failure is open to be read, and an annotation where the task is defined', () => {
  assert.deepEqual(linesFor(output('a::x', 'so far\n'), ended('a::x', failed)), [
    '[12:00:00] ✖ a::x  failed after 1.2 s',
    '  │ so far',
    '  ┃ 100 % bad:',
    '  ┃ no, thanks',
    '  ┃ defined at ../repo/site/gulpfile.mjs:12:6'.replace(
      '../repo/site/gulpfile.mjs',
      place.file,
    ),
    '  ┃ run it again: gulp a::x',
    '::error file=site/gulpfile.mjs,line=12,col=6,title=a%3A%3Ax failed::100 %25 bad:%0Ano, thanks',
  ]);
});

test('a warning is an annotation too', () => {
  const lines = linesFor({ event: 'warning', at: 1, code: 'cache-off', text: 'No cache.' });
  assert.deepEqual(lines, ['[12:00:00] ! No cache.', '::warning title=parproc::No cache.']);
});

test('what looks like a command in names and logs is none', () => {
  const text = '::error::x\n##[error]y\n  ::set-output name=a::b\n';
  assert.deepEqual(linesFor(output('a', text), ended('a', done)), [
    '::group::[12:00:00] ✔ a  812 ms',
    '::stop-commands::word-1',
    '  │ ::error::x',
    '  │ ##[error]y',
    '  │   ::set-output name=a::b',
    '::word-1::',
    '::endgroup::',
  ]);
  const [first, second] = linesFor(ended('##[error]a', done));
  assert.deepEqual([first, second], ['::stop-commands::word-1', '[12:00:00] ✔ ##[error]a  812 ms']);
});

test('several tasks that could not run have one line, by themselves', async () => {
  const cannot: EndState = { kind: 'dependency-failed', cause: 'a' };
  const lines = linesFor(ended('b', cannot), ended('c', cannot), ended('d', done));
  assert.deepEqual(lines.slice(0, 1), ['[12:00:00] ⊘ 2 tasks  not run: a failed (b, c)']);
});
