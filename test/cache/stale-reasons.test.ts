import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DefinitionParts, schema, type TaskRecord } from '../../lib/cache/record.ts';
import { type Situation, staleReasons } from '../../lib/cache/stale-reasons.ts';
import type { FileState } from '../../lib/cache/verdict.ts';

function file(path: string, sha256?: string): FileState {
  const tuple = { path, ino: 1, size: 1, mtimeMs: 1, ctimeMs: 1 };
  return sha256 === undefined ? tuple : { ...tuple, sha256 };
}

const parts: DefinitionParts = {
  action: 'a',
  declaration: 'd',
  platform: 'p',
  modules: 'm',
  globals: 'g',
};

const record: TaskRecord = {
  schema,
  definition: 'd',
  parts,
  args: { env: 'dev' },
  env: {},
  params: {},
  inputs: [file('a', '1'), file('b', '1'), file('none')],
  deps: [['dep', '1']],
  outputs: [file('x', '1'), file('y', '1')],
  outcome: 'o',
  durations: [],
  finished: true,
  recordedAt: 0,
};

const same: Situation = {
  full: false,
  noSkip: false,
  isCacheOff: false,
  declaresAnything: true,
  definition: 'd',
  parts,
  args: { env: 'dev' },
  env: {},
  paramDigest: () => 'unset',
  deps: new Map([['dep', '1']]),
  inputs: record.inputs,
  outputs: record.outputs,
  missingOutputs: [],
  oldOutputs: [],
  changedFiles: () => [],
};

test('nothing has changed: no reason to run', () => {
  assert.deepEqual(staleReasons(record, same), []);
});

test('what stat tells does not matter, content does', () => {
  const moved = record.inputs.map((each) => ({ ...each, ino: 2, mtimeMs: 2, size: 2 }));
  assert.deepEqual(staleReasons(record, { ...same, inputs: moved }), []);
});

test('every reason is told, those that hold for all tasks first, then from the definition on', () => {
  const now: Situation = {
    full: true,
    noSkip: true,
    isCacheOff: true,
    declaresAnything: false,
    definition: 'other',
    parts,
    args: {},
    env: {},
    paramDigest: () => 'unset',
    deps: new Map([['dep', '2']]),
    inputs: [file('a', '2'), file('c', '1'), file('none', '1')],
    outputs: [file('y', '2'), file('z', '1')],
    missingOutputs: ['x'],
    oldOutputs: ['y'],
    changedFiles: () => [],
  };
  assert.deepEqual(staleReasons({ ...record, finished: false }, now), [
    { kind: 'full' },
    { kind: 'no-skip' },
    { kind: 'no-cache' },
    { kind: 'nothing-declared' },
    { kind: 'not-finished' },
    { kind: 'definition-changed', what: 'arguments' },
    { kind: 'dep-changed', dep: 'dep' },
    { kind: 'input-changed', path: 'a' },
    { kind: 'input-added', path: 'c' },
    { kind: 'input-added', path: 'none' },
    { kind: 'input-removed', path: 'b' },
    { kind: 'output-missing', path: 'x' },
    { kind: 'output-changed', path: 'y' },
    { kind: 'output-changed', path: 'z' },
    { kind: 'output-too-old', path: 'y' },
  ]);
});

test('without a record the task never ran, unless it would run in any case', () => {
  assert.deepEqual(staleReasons(undefined, same), [{ kind: 'never-ran' }]);
  assert.deepEqual(staleReasons(undefined, { ...same, full: true }), [{ kind: 'full' }]);
});

test('of a definition it is told which part has changed, and which file where that is known', () => {
  const reasonsFor = (changed: Partial<DefinitionParts>, files: readonly string[] = []) =>
    staleReasons(record, {
      ...same,
      definition: 'other',
      parts: { ...parts, ...changed },
      changedFiles: () => files,
    });
  const because = (what: string, path?: string) => ({
    kind: 'definition-changed',
    what,
    ...(path !== undefined && { path }),
  });
  assert.deepEqual(reasonsFor({}), [because('unknown')]);
  assert.deepEqual(reasonsFor({ platform: 'x' }), [because('platform')]);
  assert.deepEqual(reasonsFor({ action: 'x', declaration: 'x' }), [
    because('action'),
    because('declaration'),
  ]);
  assert.deepEqual(reasonsFor({ modules: 'x' }), [because('module')]);
  assert.deepEqual(reasonsFor({ modules: 'x' }, ['a', 'b']), [
    because('module', 'a'),
    because('module', 'b'),
  ]);
  assert.deepEqual(reasonsFor({ globals: 'x' }, ['lock']), [because('global-input', 'lock')]);
});
