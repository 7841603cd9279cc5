import assert from 'node:assert/strict';
import { currentBuild } from '../../lib/build/build.ts';
import { ignoreAlways, ignoreIfSucceeded, task } from '../../lib/index.ts';
import type { LogIgnore } from '../../lib/model/log-rule.ts';
import { settingsOf } from '../../lib/model/options.ts';
import type { RunEvent } from '../../lib/model/run-event.ts';
import type { EndState } from '../../lib/model/state.ts';
import { failureText } from '../../lib/report/failure-text.ts';
import { type Excerpt, LogScan } from '../../lib/report/log-scan.ts';
import { lookOf } from '../../lib/report/look.ts';
import { plainReporter } from '../../lib/report/plain-reporter.ts';
import { TaskLogs } from '../../lib/report/task-logs.ts';
import { createInstances } from '../../lib/run/check-request.ts';
import { runGulp } from '../rig/run-gulp.ts';
import { TempProject } from '../rig/temp-project.ts';
import { endOfRows, row } from './rows.ts';
import { openStage } from './stage.ts';

const succeeded = false;
const failed = true;

function excerptsOf(text: string, hasFailed: boolean, rules: readonly LogIgnore[] = []): Excerpt[] {
  const scan = new LogScan(rules, hasFailed);
  scan.take(text);
  return [...scan.findings(hasFailed).excerpts];
}

function linesOf(text: string, hasFailed: boolean, rules: readonly LogIgnore[] = []): string[] {
  return excerptsOf(text, hasFailed, rules).flatMap(({ lines }) => [...lines]);
}

/** What the terminal shows of the output of a task, without the bars. */
function shown(text: string, state: EndState, showsFullLogOnFailure: boolean): string[] {
  const lines: string[] = [];
  const logs = new TaskLogs();
  const report = plainReporter({
    write: (line) => lines.push(...line.split('\n')),
    look: lookOf(false),
    logs,
    command: undefined,
    timeOfDay: () => '',
    showsFullLogOnFailure,
  });
  const about = { at: 0, run: 1, task: 'a' };
  const events: RunEvent[] = [
    { event: 'output', ...about, stream: 'stdout', text },
    { event: 'task-ended', ...about, isGroup: false, state },
  ];
  for (const event of events) {
    logs.take(event);
    report(event);
  }
  return lines.filter((line) => line.startsWith('  │')).map((line) => line.slice(4));
}

row('S5', 'the log of a task holds what it wrote to both streams, in order', async () => {
  using site = new TempProject({
    'gulpfile.mjs': `
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc());
task('speak').action(() => {
  console.log('to stdout');
  console.error('to stderr');
});`,
  });
  await runGulp(site, ['speak']);
  assert.equal(site.read('.parproc/logs/last/speak.log'), 'to stdout\nto stderr\n');
});

row('P1', 'a task made from a proto has the rules for its log, the same objects', () => {
  openStage();
  const rule = ignoreAlways(/deprecated/);
  const regex = /noise/;
  task('build::[env]')
    .logIgnore(rule, regex)
    .action(() => undefined);
  const catalog = currentBuild().catalog();
  assert.deepEqual(createInstances('build::dev', undefined, catalog), ['build::dev']);
  const rules = catalog.instances.get('build::dev')?.definition.logIgnore ?? [];
  assert.equal(rules.length, 2);
  assert.ok(rules[0] === rule && rules[1] === regex);
});

row('O4', 'fullLogOnFailure reaches what is shown of a failure', async () => {
  assert.equal(settingsOf({ fullLogOnFailure: true }, 1).fullLogOnFailure, true);
  assert.equal(settingsOf({}, 1).fullLogOnFailure, false);
  for (const [option, count] of [
    ['true', 100],
    ['false', 18],
  ] as const) {
    using site = new TempProject({
      'gulpfile.mjs': `
import gulp from 'gulp';
import { parproc, task } from 'parproc';
gulp.registry(parproc({ fullLogOnFailure: ${option} }));
task('fail').action((ctx) => {
  for (let line = 1; line <= 100; line++) console.log('line', line);
  ctx.fail('that is all');
});`,
    });
    const { stdout } = await runGulp(site, ['fail'], { code: 1 });
    const lines = stdout.split('\n').filter((line) => line.startsWith('  │'));
    assert.equal(lines.length, count, stdout);
  }
});

const report = `before
  RAN: /usr/bin/false
  STDOUT:
out
  STDERR:
err`;

row('E1', 'the report of a failed command is shown from RAN: on, indented by two', () => {
  assert.deepEqual(linesOf(report, failed), [
    '    RAN: /usr/bin/false',
    '    STDOUT:',
    '  out',
    '    STDERR:',
    '  err',
  ]);
});

row('E2', 'what stands under STDERR_FULL takes the place of what stands under STDERR', () => {
  assert.deepEqual(linesOf(`${report}\n  STDERR_FULL:\nerr one\nerr two\n`, failed), [
    '    RAN: /usr/bin/false',
    '    STDOUT:',
    '  out',
    '    STDERR:',
    '  err one',
    '  err two',
  ]);
});

row('E3', 'with fullLogOnFailure a failure shows the whole text', () => {
  const text = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  const lost: EndState = {
    kind: 'failed',
    tookMs: 1,
    failure: { reason: 'lost', exitCode: 1, signal: null },
  };
  assert.deepEqual(shown(text.join('\n'), lost, true), text);
});

row('E4', 'a keyword inside of another word is none', () => {
  assert.deepEqual(excerptsOf('some_var_with_warning', succeeded), []);
});

row('E5', 'a keyword counts with other characters around it', () => {
  for (const line of ['+warning', 'warning', 'warning: x', 'x: warning']) {
    assert.deepEqual(linesOf(`a\n${line}\nb`, succeeded), ['a', line, 'b']);
  }
});

row('E6', 'a line that is to be ignored always is absent, others are there', () => {
  const text = 'warning: one\nwarning: two';
  assert.deepEqual(linesOf(text, succeeded, [ignoreAlways(/one/)]), ['warning: two']);
  assert.deepEqual(linesOf(text, failed, [ignoreAlways(/one/)]), ['warning: two']);
  assert.deepEqual(linesOf(text, failed, [/one/]), ['warning: two']);
});

row('E7', 'a line that is to be ignored after success is there after a failure', () => {
  const rules = [ignoreIfSucceeded(/one/)];
  assert.deepEqual(excerptsOf('warning: one', succeeded, rules), []);
  assert.deepEqual(linesOf('warning: one', failed, rules), ['warning: one']);
});

row('E8', 'rules count in the report of a failed command too', () => {
  assert.deepEqual(linesOf(report, failed, [/STDOUT:/]), [
    '    RAN: /usr/bin/false',
    '  out',
    '    STDERR:',
    '  err',
  ]);
});

row('E9', '(changed): paths of outputs are data, and each has a line of its own', () => {
  assert.deepEqual(failureText({ reason: 'outputs-missing', paths: ['a', 'b'] }).split('\n'), [
    'It did not make what it declares as outputs:',
    '  a',
    '  b',
  ]);
});

row('E10', '(changed): so are paths of outputs that are too old', () => {
  assert.deepEqual(failureText({ reason: 'outputs-too-old', paths: ['c'] }).split('\n'), [
    'It left outputs that are older than their maxAge:',
    '  c',
  ]);
});

endOfRows(import.meta.url);
