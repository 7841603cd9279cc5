import assert from 'node:assert/strict';
import { lstatSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFiles } from '../../lib/report/log-files.ts';
import { TempProject } from '../rig/temp-project.ts';

function open(project: TempProject): { files: LogFiles; troubles: string[] } {
  const troubles: string[] = [];
  let minute = 10;
  const files = new LogFiles({
    workDir: project.folder,
    stamp: () => `20260101-12${minute++}00-000`,
    onTrouble: (why) => troubles.push(why),
  });
  return { files, troubles };
}

function logsIn(project: TempProject): string[] {
  const names = readdirSync(join(project.folder, '.parproc/logs'), {
    recursive: true,
    encoding: 'utf8',
  });
  return names.filter((name) => name.endsWith('.log')).sort();
}

test('what tasks write goes to a file for each task of a run, and the newest stands in last', () => {
  using project = new TempProject();
  const { files } = open(project);
  files.append(1, 'a::x', 'one ');
  files.append(1, 'b', 'other\n');
  files.append(1, 'a::x', 'two\n');
  assert.match(files.fileOf(1, 'a::x')?.path ?? '', /logs\/20260101-121000-000\/a\.x\.log$/);
  files.end(1, 'a::x');
  files.endRun(1);
  files.append(2, 'a::x', 'three\n');
  files.end(2, 'a::x');
  assert.deepEqual(logsIn(project), [
    '20260101-121000-000/a.x.log',
    '20260101-121000-000/b.log',
    '20260101-121100-000/a.x.log',
    'last/a.x.log',
  ]);
  assert.equal(project.read('.parproc/logs/20260101-121000-000/a.x.log'), 'one two\n');
  assert.equal(project.read('.parproc/logs/last/a.x.log'), 'three\n');
});

test('a run in which nothing is written leaves no trace', () => {
  using project = new TempProject();
  const { files } = open(project);
  files.end(1, 'a');
  files.endRun(1);
  assert.equal(readdirSync(project.folder).includes('.parproc'), false);
});

test('a task that writes nothing any more has no last log any more', () => {
  using project = new TempProject();
  const { files } = open(project);
  files.append(1, 'a', 'x');
  files.end(1, 'a');
  files.end(2, 'a');
  assert.deepEqual(logsIn(project), ['20260101-121000-000/a.log']);
});

test('the logs of the last ten runs are kept, and the last of each task for longer', () => {
  using project = new TempProject();
  const { files } = open(project);
  files.append(0, 'rare', 'x');
  files.end(0, 'rare');
  for (let run = 1; run <= 12; run++) {
    files.append(run, 'a', 'x');
    files.end(run, 'a');
    files.endRun(run);
  }
  const logs = logsIn(project);
  assert.equal(logs.length, 12);
  assert.equal(logs[0], '20260101-121300-000/a.log');
  assert.deepEqual(logs.slice(-2), ['last/a.log', 'last/rare.log']);
});

test('two builds that begin in the same moment have folders of their own', () => {
  using project = new TempProject();
  for (const text of ['one', 'two']) open(project).files.append(1, 'a', text);
  assert.deepEqual(logsIn(project), ['20260101-121000-000-2/a.log', '20260101-121000-000/a.log']);
});

test('a build that lasts longer than the ten after it goes on writing', () => {
  using project = new TempProject();
  const { files, troubles } = open(project);
  files.append(1, 'a', 'x');
  project.remove('.parproc/logs');
  files.append(1, 'b', 'y');
  assert.deepEqual(troubles, []);
  assert.deepEqual(logsIn(project), ['20260101-121000-000/b.log']);
});

test('logs are for nobody else to read', () => {
  using project = new TempProject();
  const { files } = open(project);
  files.append(1, 'a', 'secret');
  const mode = (path: string): number => statSync(path).mode & 0o777;
  assert.equal(mode(join(project.folder, '.parproc/logs')), 0o700);
  assert.equal(mode(files.fileOf(1, 'a')?.path ?? ''), 0o600);
});

test('a link in the place of the folder is not followed, which is said once', () => {
  using project = new TempProject({ 'elsewhere/x': '', '.parproc/x': '' });
  symlinkSync(join(project.folder, 'elsewhere'), join(project.folder, '.parproc/logs'));
  const { files, troubles } = open(project);
  for (const text of ['one', 'two']) files.append(1, 'a', text);
  files.end(1, 'a');
  assert.equal(troubles.length, 1);
  assert.match(troubles[0] ?? '', /logs is no folder but a link$/);
  assert.deepEqual(readdirSync(join(project.folder, 'elsewhere')), ['x']);
  assert.ok(lstatSync(join(project.folder, '.parproc/logs')).isSymbolicLink());
});

test('the log of a run is that of the last time a task was executed in it', () => {
  using project = new TempProject();
  const { files } = open(project);
  const last = '.parproc/logs/last/a.log';
  const path = '.parproc/logs/20260101-121000-000/a.log';
  files.begin(1, 'a');
  files.append(1, 'a', 'one');
  files.end(1, 'a');
  files.append(1, 'a', ', and late');
  assert.equal(project.read(path), 'one, and late');
  files.begin(1, 'a');
  files.append(1, 'a', 'two, outdated');
  files.drop(1, 'a');
  files.begin(1, 'a');
  files.append(1, 'a', 'three');
  assert.deepEqual([project.read(path), project.read(last)], ['three', 'one, and late']);
  files.end(1, 'a');
  assert.deepEqual([project.read(path), project.read(last)], ['three', 'three']);
});
