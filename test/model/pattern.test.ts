import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DefinitionError } from '../../lib/model/errors.ts';
import { fillPattern, matchPattern, parsePattern } from '../../lib/model/pattern.ts';
import { matchVectors } from './match-vectors.ts';

for (const { id, rule, pattern, fits, misfits } of matchVectors) {
  test(`${id}: ${rule}`, () => {
    const parsed = parsePattern(pattern, '::');
    for (const [name, values] of Object.entries(fits)) {
      assert.deepEqual(matchPattern(parsed, name), values, name);
      assert.equal(fillPattern(parsed, values), name);
    }
    for (const name of misfits) assert.equal(matchPattern(parsed, name), undefined, name);
  });
}

test('a literal prefix is allowed before a placeholder, which is never empty', () => {
  const pattern = parsePattern('dep-[x]', '::');
  assert.deepEqual(matchPattern(pattern, 'dep-1-2'), { x: '1-2' });
  assert.equal(matchPattern(pattern, 'dep-'), undefined);
});

test('[...rest] takes all segments that are left, none of them empty', () => {
  const pattern = parsePattern('x::[a]::[...rest]', '::');
  assert.deepEqual(matchPattern(pattern, 'x::1::2::3'), { a: '1', rest: '2::3' });
  assert.deepEqual(matchPattern(pattern, 'x::1::2'), { a: '1', rest: '2' });
  for (const name of ['x::1', 'x::1::', 'x::1::2::', 'x::1::::2']) {
    assert.equal(matchPattern(pattern, name), undefined, name);
  }
});

test('another separator takes names apart (P29)', () => {
  assert.deepEqual(matchPattern(parsePattern('bar|[a]|[b]', '|'), 'bar|one|two'), {
    a: 'one',
    b: 'two',
  });
});

test('a placeholder may be named like what every object has', () => {
  const pattern = parsePattern('x::[constructor]', '::');
  assert.deepEqual(matchPattern(pattern, 'x::1'), { constructor: '1' });
});

const wrong = {
  'foo-[x]-[y]': /separated by '::'/, // P28
  '[a][b]': /text after|no identifier/,
  'x::[a]::[a]': /occurs twice/,
  'x::[...rest]::y': /last segment/,
  'x::': /empty segment/,
  'x::[1]': /no identifier/,
  'x::[__proto__]': /no identifier/,
  'x::*': /glob/,
};

for (const [name, message] of Object.entries(wrong)) {
  test(`'${name}' is no name`, () => {
    assert.throws(
      () => parsePattern(name, '::'),
      (error) =>
        error instanceof DefinitionError &&
        error.code === 'invalid-name' &&
        message.test(error.message),
    );
  });
}
