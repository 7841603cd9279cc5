import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskFailure } from '../../lib/model/failure.ts';
import { failureText } from '../../lib/report/failure-text.ts';

function linesOf(failure: TaskFailure): string[] {
  return failureText(failure).split('\n');
}

test('a limit is told as people write it', () => {
  const textOf = (limitMs: number): string => failureText({ reason: 'timed-out', limitMs });
  assert.equal(textOf(60_000), 'It took longer than its limit of 60 s and was stopped.');
  assert.equal(textOf(90_000), 'It took longer than its limit of 90 s and was stopped.');
  assert.equal(textOf(250), 'It took longer than its limit of 250 ms and was stopped.');
  assert.equal(textOf(300_000), 'It took longer than its limit of 5 min 00 s and was stopped.');
});

test('a lost process is told with its exit code or signal, and what that usually means', () => {
  assert.deepEqual(linesOf({ reason: 'lost', exitCode: 0, signal: null }), [
    'Its process ended with exit code 0 before the task was done.',
    'A task returns or calls done(); it must not call process.exit().',
  ]);
  assert.deepEqual(linesOf({ reason: 'lost', exitCode: null, signal: 'SIGKILL' }), [
    'Its process was ended by SIGKILL.',
    'Most often the system does that when memory runs out; or somebody killed it by hand.',
  ]);
  assert.deepEqual(linesOf({ reason: 'lost', exitCode: null, signal: 'SIGABRT' }), [
    'Its process was ended by SIGABRT.',
    'Was its heap full? NODE_OPTIONS=--max-old-space-size=4096 allows more.',
  ]);
  assert.deepEqual(linesOf({ reason: 'lost', exitCode: null, signal: 'SIGUSR2' }), [
    'Its process was ended by SIGUSR2.',
  ]);
});

test('a task that never completed is told the usual cause', () => {
  assert.deepEqual(linesOf({ reason: 'never-completed' }), [
    'It never said that it was done, and nothing is left that could.',
    'Return the promise or the stream that it waits for, or call done().',
  ]);
});

test('missing outputs have a line each, twenty at most', () => {
  const paths = Array.from({ length: 22 }, (_, index) => `dist/${index}.css`);
  assert.deepEqual(linesOf({ reason: 'outputs-missing', paths }), [
    'It did not make what it declares as outputs:',
    ...paths.slice(0, 20).map((path) => `  ${path}`),
    '  (and 2 more)',
  ]);
});

test('a path with a line break stays on its line', () => {
  assert.deepEqual(linesOf({ reason: 'outputs-missing', paths: ['a\n\u001b[2Jb'] }), [
    'It did not make what it declares as outputs:',
    '  a\\u000a\\u001b[2Jb',
  ]);
});

test('a result that cannot be sent is told by the path of the field', () => {
  const message = 'functions cannot be sent';
  assert.deepEqual(
    linesOf({ reason: 'not-serialisable', path: 'result.files[0].close', message }),
    [
      'result.files[0].close cannot leave the worker process: functions cannot be sent.',
      'Return plain data, or use .inProcess().',
    ],
  );
});

test('a task that the worker does not know is told where it was looked for, and why it may be absent', () => {
  assert.deepEqual(linesOf({ reason: 'not-in-worker', files: ['/site/parprocfile.ts'] }), [
    'The worker imported these files and found no such task in them:',
    '  /site/parprocfile.ts',
    'Define tasks unconditionally, at the top level of the gulpfile or of what it imports,',
    'and before any top-level await of a run: that never goes on in a worker.',
  ]);
});

test('a worker that did not start is told with its error, or else with what it wrote to stderr', () => {
  const start = { reason: 'worker-start-failed', exitCode: 1, signal: null } as const;
  const head = 'No worker could be started: it did not get through importing the build file.';
  const error = { name: 'Error', message: 'no config' };
  assert.deepEqual(linesOf({ ...start, error, stderr: 'noise' }), [head, 'Error: no config']);
  assert.deepEqual(linesOf({ ...start, stderr: 'panic\n' }), [
    head,
    'Its process ended with exit code 1.',
    'panic',
  ]);
  assert.deepEqual(linesOf({ ...start, exitCode: null, signal: 'SIGKILL', stderr: '' }), [
    head,
    'Its process ended with signal SIGKILL.',
  ]);
});

test('a service that is not ready is told what it was to show, and what came instead', () => {
  const port = { kind: 'port', port: 3000 } as const;
  const line = { kind: 'line', source: 'ready in \\d+', flags: 'i' } as const;
  const [reason, limitMs] = ['not-ready', 10_000] as const;
  assert.deepEqual(linesOf({ reason, readyWhen: port, why: 'limit', limitMs }), [
    'It did not listen at port 3000 within its limit of 10 s.',
  ]);
  assert.deepEqual(linesOf({ reason, readyWhen: line, why: 'limit', limitMs }), [
    'It wrote no line that fits /ready in \\d+/i within its limit of 10 s.',
  ]);
  assert.deepEqual(linesOf({ reason, readyWhen: port, why: 'ended' }), [
    'It ended before it listened at port 3000.',
  ]);
  assert.deepEqual(linesOf({ reason, readyWhen: line, why: 'ended' }), [
    'It ended before it wrote a line that fits /ready in \\d+/i.',
  ]);
  assert.deepEqual(linesOf({ reason, readyWhen: port, why: 'port-taken' }), [
    'Port 3000 is taken: something listened there before the service was started.',
    'Stop that, or give the service another port.',
  ]);
});
