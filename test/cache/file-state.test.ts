import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { contentDigest } from '../../lib/cache/content-digest.ts';
import { fileState, refreshedState } from '../../lib/cache/file-state.ts';
import { Scene } from './scene.ts';

test('a file is read again only if stat tells of a change or it was young when it was seen', () => {
  using scene = new Scene();
  const state = fileState(scene.folder, 'in.txt');
  const forged = { ...state, sha256: 'forged' };
  const changedAt = Math.max(state.mtimeMs, state.ctimeMs);
  assert.equal(refreshedState(scene.folder, forged, changedAt + 2001), forged);
  assert.deepEqual(refreshedState(scene.folder, forged, changedAt + 2000), state);
  assert.deepEqual(refreshedState(scene.folder, forged, changedAt - 1e9), state);
  for (const other of [{ ino: 0 }, { size: 0 }, { mtimeMs: 0 }, { ctimeMs: 0 }]) {
    const before = { ...forged, ...other };
    assert.deepEqual(refreshedState(scene.folder, before, changedAt + 1e9), state);
  }
});

test('a folder, and what is not there, has no digest', () => {
  using scene = new Scene();
  scene.link('dangling', 'nowhere');
  for (const path of ['.', 'no', 'in.txt/below', 'dangling', 'long'.repeat(100)]) {
    assert.equal(fileState(scene.folder, path).sha256, undefined);
  }
});

test('a file too big to be read at once has the digest of its content all the same', () => {
  using scene = new Scene();
  const file = scene.at('big');
  writeFileSync(file, 'head');
  truncateSync(file, 65 * 1024 * 1024 + 3);
  const content = Buffer.alloc(65 * 1024 * 1024 + 3);
  content.write('head');
  const digest = createHash('sha256').update(content).digest('hex');
  assert.equal(contentDigest(file, content.length), digest);
});
