import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Options, settingsOf } from '../../lib/model/options.ts';

test('what is kept to be put back is limited by default, and by a number of bytes', () => {
  assert.equal(settingsOf({}, 1).restoreBytes, undefined);
  assert.equal(settingsOf({ restore: false }, 1).restoreBytes, undefined);
  assert.equal(settingsOf({ restore: true }, 1).restoreBytes, 1e9);
  assert.equal(settingsOf({ restore: { maxBytes: 5 } }, 1).restoreBytes, 5);
});

test('any other value of restore is refused', () => {
  for (const restore of ['yes', {}, { maxBytes: 0 }, { maxBytes: 1, more: 1 }, [1]]) {
    const options = { restore } as unknown as Options;
    assert.throws(() => settingsOf(options, 1), { code: 'invalid-option', message: /restore/ });
  }
});
