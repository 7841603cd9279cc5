import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inexactPath } from '../../lib/cache/inexact-path.ts';

class Point {
  readonly x = 1;
}

const cycle: { self?: unknown } = {};
cycle.self = { cycle };

let deep: unknown = 1;
for (let depth = 0; depth < 100_000; depth++) deep = [deep];

test('values that JSON holds are exact', () => {
  const shared = { a: 1 };
  const exact: unknown[] = [undefined, null, '', '\ud800', 0, -1.5, true, [], {}, [[null]]];
  exact.push({ shared, twice: [shared] }, JSON.parse('{"__proto__":1}'), Object.create(null));
  for (const value of exact) assert.equal(inexactPath(value, 'result'), undefined);
});

test('the first part that JSON would lose or change is named by its path', () => {
  const lossy: [unknown, string][] = [
    [{ files: [{ at: new Date(0) }] }, 'result.files[0].at'],
    [new Map(), 'result'],
    [[1n], 'result[0]'],
    [{ a: undefined }, 'result.a'],
    [[undefined], 'result[0]'],
    [{ a: Number.NaN, b: Number.NaN }, 'result.a'],
    [Number.POSITIVE_INFINITY, 'result'],
    [[-0], 'result[0]'],
    [{ p: new Point() }, 'result.p'],
    [Symbol('s'), 'result'],
    [{ [Symbol('s')]: 1 }, 'result'],
    [{ f: () => 1 }, 'result.f'],
    [Buffer.from('x'), 'result'],
    [{ toJSON: () => 1 }, 'result'],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    [[1, , 2], 'result'],
    [Object.assign([1], { extra: 1 }), 'result'],
    [new (class extends Array {})(), 'result'],
    [cycle, 'result.self.cycle'],
  ];
  for (const [value, path] of lossy) assert.equal(inexactPath(value, 'result'), path);
});

test('getters are not called, and depth does not exhaust the stack', () => {
  const getter = {
    get x(): never {
      throw new Error('called');
    },
  };
  assert.equal(inexactPath(getter, 'result'), 'result.x');
  assert.match(inexactPath(deep, 'result') ?? '', /^result(\[0\])+$/);
});
