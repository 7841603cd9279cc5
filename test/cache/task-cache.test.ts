import assert from 'node:assert/strict';
import {
  chmodSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scene, successOf } from './scene.ts';

test('a task that never ran is stale; after a success it is fresh, with its result', async () => {
  using scene = new Scene();
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'never-ran' }]);
  await scene.succeed(scene.node(), { size: 3 });
  const verdict = await scene.verdict(scene.node());
  assert.deepEqual(verdict.kind === 'fresh' && verdict.outcome.value, { size: 3 });
});

test('staleness 1: an edit within the clock’s granularity is noticed by content', async () => {
  using scene = new Scene();
  scene.now = Date.now();
  await scene.succeed(scene.node());
  const { atime, mtime } = statSync(join(scene.folder, 'in.txt'));
  scene.write('in.txt', 'two');
  utimesSync(join(scene.folder, 'in.txt'), atime, mtime);
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'input-changed', path: 'in.txt' }]);
});

test('staleness 2 and 3: an older file of the same size put in place is a change', async () => {
  using scene = new Scene();
  scene.write('old.txt', 'two');
  utimesSync(join(scene.folder, 'old.txt'), 1, 1);
  const node = scene.node({ inputs: ['in.txt'] });
  await scene.succeed(node);
  renameSync(join(scene.folder, 'old.txt'), join(scene.folder, 'in.txt'));
  assert.deepEqual(await scene.reasons(node), [{ kind: 'input-changed', path: 'in.txt' }]);
});

test('staleness 4 and 5: a touched file or another mode is no change', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  utimesSync(join(scene.folder, 'in.txt'), 5, 5);
  chmodSync(join(scene.folder, 'in.txt'), 0o700);
  assert.deepEqual(await scene.reasons(scene.node()), []);
});

test('staleness 6: a file that comes or goes under a glob is a change', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  scene.write('new.txt', '');
  rmSync(join(scene.folder, 'in.txt'));
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'input-added', path: 'new.txt' },
    { kind: 'input-removed', path: 'in.txt' },
  ]);
});

test('staleness 7 and 8: an output that is gone or changed is a reason to run', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  scene.write('out.txt', 'tampered');
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'output-changed', path: 'out.txt' },
  ]);
  rmSync(join(scene.folder, 'out.txt'));
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'output-missing', path: 'out.txt' },
  ]);
});

test('staleness 9: a change in a module that the build file imports is a change of definition', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  scene.write('helper.mjs', '2');
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'definition-changed', what: 'module', path: 'helper.mjs' },
  ]);
});

test('staleness 11: another outcome of a dep is a reason to run, the same one is not', async () => {
  using scene = new Scene();
  const node = scene.node({ deps: ['dep'] });
  await scene.succeed(node, 1, new Map([['dep', 'x']]));
  assert.deepEqual(await scene.reasons(node, new Map([['dep', 'x']])), []);
  assert.deepEqual(await scene.reasons(node, new Map([['dep', 'y']])), [
    { kind: 'dep-changed', dep: 'dep' },
  ]);
});

test('staleness 13: another package lock file is a change of definition', async () => {
  using scene = new Scene();
  scene.write('package-lock.json', '{}');
  await scene.succeed(scene.node());
  scene.write('package-lock.json', '{ }');
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'definition-changed', what: 'global-input', path: 'package-lock.json' },
  ]);
});

test('staleness 14: an input that changes during the run leaves no fresh record', async () => {
  using scene = new Scene();
  const cache = await scene.open();
  const { observation } = cache.check(scene.node(), new Map(), false);
  await cache.begin(scene.node());
  scene.write('in.txt', 'two');
  assert.equal(cache.finish(scene.node(), successOf(observation)).kind, 'finished');
  await cache.close();
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'changed-while-running' },
    { kind: 'input-changed', path: 'in.txt' },
  ]);
});

test('staleness 18 and 19: a run that was begun and not finished is not fresh', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  const cache = await scene.open();
  await cache.begin(scene.node());
  await cache.close();
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'not-finished' }]);
});

test('staleness 22: outputs that fall under an input glob are no inputs', async () => {
  using scene = new Scene();
  const { observation } = await scene.verdict(scene.node());
  assert.deepEqual(
    observation.inputs.map(({ path }) => path),
    ['in.txt'],
  );
});

test('staleness 30: a task that declares neither inputs nor deps always runs', async () => {
  using scene = new Scene();
  const node = scene.node({ inputs: [] });
  await scene.succeed(node);
  assert.deepEqual(await scene.reasons(node), [{ kind: 'nothing-declared' }]);
});

test('the outcome with outputs is their content: the same content is the same digest', async () => {
  using scene = new Scene();
  const first = await scene.succeed(scene.node());
  scene.write('in.txt', 'two');
  assert.equal(await scene.succeed(scene.node()), first);
  scene.write('out.txt', 'other');
  assert.notEqual(await scene.succeed(scene.node()), first);
});

test('without outputs and result every execution is another outcome', async () => {
  using scene = new Scene();
  const node = scene.node({ outputs: [] });
  assert.notEqual(await scene.succeed(node), await scene.succeed(node));
});

test('a result that JSON cannot hold is said once, and the task runs again', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node(), { at: new Date() });
  assert.deepEqual(scene.warnings, ['result-not-recorded']);
  assert.deepEqual(await scene.reasons(scene.node()), [
    { kind: 'inexact-result', path: 'result.at' },
  ]);
});

test('a damaged cache file is set aside with a warning, and everything runs', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  writeFileSync(join(scene.folder, '.parproc/cache.sqlite'), 'no database at all, but text');
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'never-ran' }]);
  assert.deepEqual(scene.warnings, ['cache-damaged']);
  assert.match(readFileSync(join(scene.folder, '.parproc/cache.sqlite.corrupt'), 'utf8'), /text/);
  await scene.succeed(scene.node());
  assert.deepEqual(await scene.reasons(scene.node()), []);
});

test('a cache that others may write to is not used', async () => {
  using scene = new Scene();
  await scene.succeed(scene.node());
  chmodSync(join(scene.folder, '.parproc/cache.sqlite'), 0o666);
  assert.deepEqual(await scene.reasons(scene.node()), [{ kind: 'never-ran' }]);
  assert.deepEqual(scene.warnings, ['cache-off']);
});
