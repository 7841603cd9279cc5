import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshDigest, groupDigest, outcomeDigest } from '../../lib/cache/outcome-digest.ts';
import type { FileState } from '../../lib/cache/verdict.ts';

const deps = new Map([
  ['a', '1'],
  ['b', '2'],
]);
const otherDeps = new Map([['a', '3']]);
const outputs: FileState[] = [
  { path: 'x', ino: 1, size: 1, mtimeMs: 1, ctimeMs: 1, sha256: 'content' },
];

test('the outcome of a group is that of its deps, in any order', () => {
  assert.equal(groupDigest(deps), groupDigest(new Map([...deps].reverse())));
  assert.notEqual(groupDigest(deps), groupDigest(otherDeps));
});

test('with outputs, the outcome is their content and the result, whatever the deps were', () => {
  const digest = outcomeDigest(outputs, { b: 1, a: 2 }, deps);
  const rewritten = outputs.map((file) => ({ ...file, ino: 2, mtimeMs: 2 }));
  assert.equal(outcomeDigest(rewritten, { a: 2, b: 1 }, otherDeps), digest);
  assert.notEqual(outcomeDigest(outputs, { a: 2 }, deps), digest);
  const changed = outputs.map((file) => ({ ...file, sha256: 'other' }));
  assert.notEqual(outcomeDigest(changed, { b: 1, a: 2 }, deps), digest);
});

test('without outputs, the outcome is the result and the outcomes of the deps', () => {
  const digest = outcomeDigest(undefined, 1, deps);
  assert.equal(outcomeDigest(undefined, 1, deps), digest);
  assert.notEqual(outcomeDigest(undefined, 2, deps), digest);
  assert.notEqual(outcomeDigest(undefined, 1, otherDeps), digest);
});

test('what cannot be compared is another outcome each time', () => {
  const once = [
    freshDigest,
    () => outcomeDigest(undefined, undefined, deps),
    () => outcomeDigest(undefined, new Date(0), deps),
    () => outcomeDigest(outputs, new Date(0), deps),
  ];
  for (const digest of once) assert.notEqual(digest(), digest());
});
