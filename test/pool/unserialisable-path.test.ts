import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unserialisablePath } from '../../lib/pool/unserialisable-path.ts';

const pathIn = (value: unknown): string | undefined => unserialisablePath(value, 'result');

test('plain data, dates, maps, big integers, errors and circles can be sent', () => {
  const circle = { bytes: new Uint8Array(2), big: 10n, at: new Date(0), self: {} };
  circle.self = circle;
  assert.equal(pathIn(new Map([['a', [circle, new Set([/x/]), new Error('e')]]])), undefined);
});

test('the path leads to the field that cannot be sent, through lists, maps, sets and odd keys', () => {
  const close = (): void => undefined;
  assert.equal(pathIn(close), 'result');
  assert.equal(pathIn({ files: [{ close }] }), 'result.files[0].close');
  assert.equal(pathIn(new Map([['a', { close }]])), 'result.get(a).close');
  assert.equal(pathIn(new Map([[{ close }, 1]])), 'result.keys().close');
  assert.equal(pathIn({ all: new Set([close]) }), 'result.all.values()');
  assert.equal(pathIn({ 'src/a.css': { close } }), 'result["src/a.css"].close');
});

test('symbols, promises and weak maps cannot be sent', () => {
  assert.equal(pathIn({ mark: Symbol('s') }), 'result.mark');
  assert.equal(pathIn({ later: Promise.resolve(1) }), 'result.later');
  assert.equal(pathIn({ memo: new WeakMap() }), 'result.memo');
});

test('a getter that throws is what cannot be sent', () => {
  const value = {
    get size(): number {
      throw new Error('closed');
    },
  };
  assert.equal(pathIn({ value }), 'result.value.size');
});

test('a part that leads back to what is around it is not to blame', () => {
  const outer = { inner: { deeper: { back: {} } }, run: () => undefined };
  outer.inner.deeper.back = outer;
  assert.equal(pathIn(outer), 'result.run');
});

test('a chain that is too deep to follow still gives a path', () => {
  let chain: Record<string, unknown> = { end: () => undefined };
  for (let depth = 0; depth < 300; depth++) chain = { next: chain };
  assert.match(pathIn(chain) ?? '', /^result(\.next)+$/);
});
