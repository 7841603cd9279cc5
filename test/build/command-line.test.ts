import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ownFlags, readCommandLine } from '../../lib/build/command-line.ts';

function read(line: string, env: Record<string, string> = {}) {
  return readCommandLine(line.split(' ').filter(Boolean), (name) => env[name], true);
}

test('tasks are the words that no flag takes as its value', () => {
  const line = '-f gulpfile.mjs a --env prod --continue b --parallel 2 c --full';
  assert.deepEqual(read(line).tasks, ['a', 'b', 'c']);
  assert.equal(read(line).gulpfile, 'gulpfile.mjs');
});

test('without a name the task is default', () => {
  assert.deepEqual(read('--full').tasks, ['default']);
});

test('flags of ours are read from the line, then from the environment', () => {
  assert.equal(read('a --parallel=3', { PARPROC_PARALLEL: '5' }).parallel, 3);
  assert.equal(read('a', { PARPROC_PARALLEL: '5' }).parallel, 5);
  assert.equal(read('a', { PARPROC_FULL: '1' }).full, true);
  assert.equal(read('a', { PARPROC_FULL: '0' }).full, false);
});

test("gulp's -S is silent, and so is PARPROC_SILENT", () => {
  assert.equal(read('a').isSilent, false);
  for (const line of ['-S a', '--silent a']) assert.equal(read(line).isSilent, true);
  assert.equal(read('a', { PARPROC_SILENT: '1' }).isSilent, true);
  assert.equal(read('a', { PARPROC_SILENT: '0' }).isSilent, false);
});

test('a switch of ours before a task is flag-swallows-task', () => {
  assert.throws(() => read('--json a'), { code: 'flag-swallows-task' });
});

test('--cache=off turns the cache off, and so does PARPROC_CACHE', () => {
  assert.equal(read('a').isCacheOff, false);
  assert.equal(read('a --cache=off').isCacheOff, true);
  assert.equal(read('a', { PARPROC_CACHE: 'off' }).isCacheOff, true);
  assert.equal(read('a --cache=on', { PARPROC_CACHE: 'off' }).isCacheOff, false);
  for (const line of ['a --cache', 'a --cache=other.sqlite']) {
    assert.throws(() => read(line), { code: 'invalid-option' });
  }
});

test('--parallel takes whole numbers from 1 on', () => {
  for (const value of ['0', '-1', '1.5', 'x']) {
    assert.throws(() => read(`a --parallel=${value}`), { code: 'invalid-option' });
  }
});

test('with flags off, flags of these names are left to the build file', () => {
  const { full, json } = readCommandLine(['--full', 'a', '--json'], () => '1', false);
  assert.deepEqual({ full, json }, { full: false, json: false });
});

test('--explain and --dry-run are switches, with twins in the environment', () => {
  assert.deepEqual(pick(read('a --explain')), { explain: true, dryRun: false });
  assert.deepEqual(pick(read('a --dry-run')), { explain: false, dryRun: true });
  const twins = { PARPROC_EXPLAIN: '1', PARPROC_DRY_RUN: 'true' };
  assert.deepEqual(pick(read('a', twins)), { explain: true, dryRun: true });
  assert.throws(() => read('--dry-run a'), { code: 'flag-swallows-task' });
});

function pick({ explain, dryRun }: ReturnType<typeof read>) {
  return { explain, dryRun };
}

test("no flag of ours is one of Node's own, or of V8's", () => {
  const ofV8 = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  const known = new Set([...ofV8.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, flag]) => flag));
  assert.ok(known.size > 100 && ownFlags.length >= 6);
  const isTaken = (flag: string) =>
    process.allowedNodeEnvironmentFlags.has(flag) || known.has(flag);
  assert.deepEqual(ownFlags.filter(isTaken), []);
});
