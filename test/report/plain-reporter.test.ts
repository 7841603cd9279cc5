import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { TaskFailure } from '../../lib/model/failure.ts';
import type { RunCounts, RunEvent } from '../../lib/model/run-event.ts';
import type { StaleReason } from '../../lib/model/stale-reason.ts';
import type { EndState } from '../../lib/model/state.ts';
import { lookOf } from '../../lib/report/look.ts';
import { type PlainOptions, plainReporter } from '../../lib/report/plain-reporter.ts';
import { TaskLogs } from '../../lib/report/task-logs.ts';

const place = { file: resolve('parprocfile.ts'), line: 12, column: 6 };
const done: EndState = { kind: 'succeeded', tookMs: 812 };
const lost: TaskFailure = { reason: 'lost', exitCode: null, signal: 'SIGUSR2' };

function writesFor(
  events: readonly RunEvent[],
  color = false,
  options: Partial<PlainOptions> = {},
): string[] {
  const writes: string[] = [];
  let seconds = 0;
  const timeOfDay = (): string => `12:00:0${++seconds}`;
  const logs = new TaskLogs();
  const report = plainReporter({
    write: (text) => writes.push(text),
    look: lookOf(color),
    logs,
    command: 'gulp',
    timeOfDay,
    ...options,
  });
  for (const event of events) {
    logs.take(event);
    report(event);
  }
  return writes;
}

function linesFor(...events: RunEvent[]): string[] {
  return writesFor(events).join('').split('\n').slice(0, -1);
}

function started(task: string, ...reasons: StaleReason[]): RunEvent {
  return { event: 'task-started', at: 1, run: 1, task, isGroup: false, reasons };
}

function output(task: string, text: string, run = 1): RunEvent {
  return { event: 'output', at: 2, run, task, stream: 'stdout', text };
}

function ended(task: string, state: EndState, run = 1): RunEvent {
  return { event: 'task-ended', at: 3, run, task, isGroup: false, state, place };
}

function failed(task: string, failure: TaskFailure): RunEvent {
  return ended(task, { kind: 'failed', tookMs: 1200, failure });
}

function runEnded(counts: Partial<RunCounts>): RunEvent {
  const none = { ran: 0, upToDate: 0, skipped: 0, failed: 0, dependencyFailed: 0, cancelled: 0 };
  return { event: 'run-ended', at: 4, run: 1, tookMs: 4200, counts: { ...none, ...counts } };
}

test('a task has a line when it starts, with the reason, and one when it ends, with its duration', () => {
  assert.deepEqual(
    linesFor(
      { event: 'run-started', at: 0, run: 1 },
      { event: 'task-wanted', at: 0, run: 1, task: 'styles::dev', isGroup: false, deps: [] },
      started('styles::dev', { kind: 'input-changed', path: 'src/site.scss' }, { kind: 'full' }),
      ended('styles::dev', done),
      runEnded({ ran: 1 }),
    ),
    [
      '[12:00:01] ▶ styles::dev  src/site.scss changed (and 1 more)',
      '[12:00:02] ✔ styles::dev  812 ms',
      '[12:00:03] 1 ran, 0 up to date, 0 failed in 4.2 s',
    ],
  );
});

test('a start without a reason still has its line', () => {
  assert.deepEqual(linesFor(started('lint')), ['[12:00:01] ▶ lint']);
});

test('a task that is up to date has no line', () => {
  assert.deepEqual(linesFor(ended('lint', { kind: 'up-to-date' })), []);
});

test('a task that could not run, or was cancelled, has one line', () => {
  assert.deepEqual(
    linesFor(
      ended('site', { kind: 'dependency-failed', cause: 'styles' }),
      ended('lint', { kind: 'cancelled' }),
    ),
    ['[12:00:01] ⊘ site  not run: styles failed', '[12:00:02] ⊘ lint  cancelled'],
  );
});

test('a task that only groups others has no line unless it could not run', () => {
  const group = { run: 1, task: 'site', isGroup: true } as const;
  const groupEnded = (state: EndState): RunEvent => ({
    event: 'task-ended',
    at: 3,
    ...group,
    state,
  });
  assert.deepEqual(
    linesFor(
      { event: 'task-started', at: 1, ...group, reasons: [] },
      groupEnded(done),
      groupEnded({ kind: 'up-to-date' }),
      groupEnded({ kind: 'cancelled' }),
      groupEnded({ kind: 'failed', tookMs: 3, failure: lost }),
      groupEnded({ kind: 'dependency-failed', cause: 'styles' }),
      runEnded({}),
    ),
    ['[12:00:01] ⊘ site  not run: styles failed'],
  );
});

test('what tasks wrote is printed when each ends, never mixed, in one piece with the end line', () => {
  const writes = writesFor([
    output('a', 'one\ntw'),
    output('b', 'other\n'),
    output('a', 'o\n\n'),
    output('c', '\n\n'),
    ended('b', done),
    ended('a', done),
    ended('c', done),
  ]);
  assert.deepEqual(writes, [
    '[12:00:01] ✔ b  812 ms\n  │ other\n',
    '[12:00:02] ✔ a  812 ms\n  │ one\n  │ two\n',
    '[12:00:03] ✔ c  812 ms\n',
  ]);
});

test('output belongs to its run, and is printed once', () => {
  assert.deepEqual(
    linesFor(
      output('a', 'first'),
      output('a', 'second', 2),
      ended('a', done),
      ended('a', done, 2),
      ended('a', done),
    ),
    [
      '[12:00:01] ✔ a  812 ms',
      '  │ first',
      '[12:00:02] ✔ a  812 ms',
      '  │ second',
      '[12:00:03] ✔ a  812 ms',
    ],
  );
});

test('a failure is told with output, cause, place of the definition and how to run it again', () => {
  const stack = 'Error: no such file\n    at build (/site/build.ts:3:5)';
  const error = { name: 'Error', message: 'no such file', stack };
  assert.deepEqual(
    linesFor(output('a::dev', 'so far'), failed('a::dev', { reason: 'threw', error })),
    [
      '[12:00:01] ✖ a::dev  failed after 1.2 s',
      '  │ so far',
      '  ┃ Error: no such file',
      '  ┃   at build (/site/build.ts:3:5)',
      '  ┃ defined at parprocfile.ts:12:6',
      '  ┃ run it again: gulp a::dev',
    ],
  );
});

test('a name is quoted for a shell where that is needed', () => {
  const lastLines = ["it's $x", 'a b'].map((task) => linesFor(failed(task, lost)).at(-1));
  assert.deepEqual(lastLines, [
    "  ┃ run it again: gulp 'it'\\''s $x'",
    "  ┃ run it again: gulp 'a b'",
  ]);
});

test('a cancelled task shows what it wrote', () => {
  assert.deepEqual(linesFor(output('a', 'half'), ended('a', { kind: 'cancelled' })), [
    '[12:00:01] ⊘ a  cancelled',
    '  │ half',
  ]);
});

test('the summary names what did not run only if there is any', () => {
  assert.deepEqual(
    linesFor(
      runEnded({ upToDate: 30 }),
      runEnded({ ran: 12, upToDate: 30, skipped: 0, failed: 1, dependencyFailed: 3, cancelled: 2 }),
    ),
    [
      '[12:00:01] 0 ran, 30 up to date, 0 failed in 4.2 s',
      '[12:00:02] 12 ran, 30 up to date, 1 failed, 3 not run because of failures, 2 cancelled in 4.2 s',
    ],
  );
});

test('a run in which no task with an action ended has no summary', () => {
  assert.deepEqual(linesFor(runEnded({})), []);
});

test('a warning has a line', () => {
  assert.deepEqual(linesFor({ event: 'warning', at: 1, code: 'cache-off', text: 'No cache.' }), [
    '[12:00:01] ! No cache.',
  ]);
});

test('of much output of a task that went well only what matters is shown', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  lines[29] = 'warning: x';
  assert.deepEqual(linesFor(output('a', lines.join('\n')), ended('a', done)), [
    '[12:00:01] ✔ a  812 ms',
    '  │ --- lines 28-32 ---',
    '  │ line 28',
    '  │ line 29',
    '  │ warning: x',
    '  │ line 31',
    '  │ line 32',
    '  │ … 55 more lines',
  ]);
});

test('of much output of a task that failed the last lines are shown if no line says why', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  const shown = linesFor(output('a', lines.join('\n')), failed('a', lost));
  assert.deepEqual(shown.slice(0, 4).concat(shown.slice(16, 20)), [
    '[12:00:01] ✖ a  failed after 1.2 s',
    '  │ --- lines 45-60 ---',
    '  │ line 45',
    '  │ line 46',
    '  │ line 59',
    '  │ line 60',
    '  │ … 44 more lines',
    '  ┃ Its process was ended by SIGUSR2.',
  ]);
});

test('many tasks that could not run have one line for each cause', () => {
  const names = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const cannot = (task: string, cause: string): RunEvent =>
    ended(task, { kind: 'dependency-failed', cause });
  assert.deepEqual(
    linesFor(
      ...names.map((name) => cannot(name, 'styles')),
      cannot('u', 'lint'),
      ended('b', { kind: 'cancelled' }),
    ),
    [
      '[12:00:01] ⊘ 12 tasks  not run: styles failed (t0, t1, t2, t3, t4, t5, t6, t7 and 4 more)',
      '[12:00:02] ⊘ u  not run: lint failed',
      '[12:00:03] ⊘ b  cancelled',
    ],
  );
});

test('where several tasks failed they are listed again at the end, with their causes', () => {
  const lines = linesFor(failed('a', lost), failed('b', { reason: 'timed-out', limitMs: 5000 }), {
    ...runEnded({ failed: 2 }),
  });
  assert.deepEqual(lines.slice(-4), [
    '[12:00:03] What failed:',
    '  ┃ a: Its process was ended by SIGUSR2.',
    '  ┃ b: It took longer than its limit of 5 s and was stopped.',
    '[12:00:04] 0 ran, 0 up to date, 2 failed in 4.2 s',
  ]);
});

test('a failure names the arguments of the task', () => {
  const wanted: RunEvent = {
    event: 'task-wanted',
    at: 0,
    run: 1,
    task: 'a::dev::x',
    isGroup: false,
    deps: [],
    args: { env: 'dev', part: 'x' },
  };
  assert.equal(linesFor(wanted, failed('a::dev::x', lost))[2], '  ┃ arguments env=dev part=x');
});

test('hostile output cannot look like a line of ours, move the cursor or recolour what follows', () => {
  const text =
    'a\r[12:00:09] ✔ fake  1 ms\n\u001b[1A\u001b[2K\u001b]0;t\u0007\u001b[31mred\n::error::x\n\u202eb\n';
  assert.deepEqual(writesFor([output('a', text), ended('a', done)], true), [
    '[\u001b[90m12:00:01\u001b[39m] \u001b[32m✔\u001b[39m a  \u001b[90m812 ms\u001b[39m\n' +
      ['a', '[12:00:09] ✔ fake  1 ms', '\u001b[31mred\u001b[0m', '::error::x', '\\u202eb']
        .map((line) => `  \u001b[90m│\u001b[39m ${line}\n`)
        .join(''),
  ]);
});

test('hostile names, paths, warnings and errors stay on their lines', () => {
  const task = 'a\n\u001b[2J\u202e';
  const shown = 'a\\u000a\\u001b[2J\\u202e';
  const error = { name: 'Error', message: 'x\r[12:00:09] ✔ fake\u001b[2J' };
  assert.deepEqual(
    linesFor(
      started(task, { kind: 'input-changed', path: task }),
      failed(task, { reason: 'threw', error }),
      ended('b', { kind: 'dependency-failed', cause: task }),
      { event: 'warning', at: 1, code: 'c', text: task },
    ),
    [
      `[12:00:01] ▶ ${shown}  ${shown} changed`,
      `[12:00:02] ✖ ${shown}  failed after 1.2 s`,
      '  ┃ Error: x',
      '  ┃ [12:00:09] ✔ fake',
      '  ┃ defined at parprocfile.ts:12:6',
      `  ┃ run it again: gulp '${shown}'`,
      `[12:00:03] ⊘ b  not run: ${shown} failed`,
      `[12:00:04] ! ${shown}`,
    ],
  );
});

test('a task that does not exist has one line: there is nothing to explain or to repeat', () => {
  assert.deepEqual(linesFor(failed('biuld', { reason: 'missing' })), [
    '[12:00:01] ✖ biuld  there is no such task',
  ]);
});

test('with colours, the summary is green, yellow or red by its worst part', () => {
  const styles = [{ ran: 1 }, { cancelled: 1 }, { failed: 1 }, { dependencyFailed: 1 }].map(
    (counts) => /\] .\[(\d+)m/.exec(writesFor([runEnded(counts)], true).join(''))?.[1],
  );
  assert.deepEqual(styles, ['32', '33', '31', '31']);
});

test('a service has a line when it is ready, its output as it comes, and a line at its end', () => {
  const task = { at: 5, task: 'serve' } as const;
  const wrote = (text: string, stream: 'stdout' | 'stderr' = 'stdout'): RunEvent => ({
    event: 'service-output',
    ...task,
    stream,
    text,
  });
  assert.deepEqual(
    linesFor(
      started('serve'),
      output('serve', 'starting\n'),
      { ...(ended('serve', done) as Extract<RunEvent, { event: 'task-ended' }>), isService: true },
      wrote('GET /on'),
      wrote('oops\n', 'stderr'),
      wrote('e\r\n\u001b[2JGET /two\nlast'),
      { event: 'service-ended', ...task, how: 'died', tookMs: 3200, failure: lost },
      { event: 'service-ended', ...task, how: 'died', tookMs: 3200 },
      { event: 'service-ended', ...task, how: 'stopped', tookMs: 3200 },
    ),
    [
      '[12:00:01] ▶ serve',
      '[12:00:02] ✔ serve  ready after 812 ms',
      '  │ starting',
      '  serve │ oops',
      '  serve │ GET /one',
      '  serve │ GET /two',
      '  serve │ last',
      '[12:00:03] ✖ serve  died 3.2 s after it was ready',
      '  ┃ Its process was ended by SIGUSR2.',
      '[12:00:04] ✖ serve  ended by itself 3.2 s after it was ready',
      '[12:00:05] ■ serve  stopped',
    ],
  );
});
