import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trackedParams } from '../../lib/model/tracked-params.ts';

const given = Object.freeze({ a: 1, b: 2 });

const readings: [string, (params: Readonly<Record<string, unknown>>) => unknown, string[]][] = [
  ['a name', ({ a }) => a, ['a']],
  ['a name that is not set', ({ z }) => z, ['z']],
  ['a name that all objects have', (params) => Reflect.get(params, 'toString'), ['toString']],
  ['whether there is one', (params) => 'b' in params, ['b']],
  ['whether it is its own', (params) => Object.hasOwn(params, 'b'), ['b']],
];

for (const [how, read, names] of readings) {
  test(`a param that is read is noted: ${how}`, () => {
    const tracked = trackedParams(given);
    read(tracked.params);
    assert.deepEqual([...tracked.read], names);
  });
}

test('listing all of them is noted as *', () => {
  for (const list of [Object.keys, JSON.stringify, (all: object) => ({ ...all })]) {
    const tracked = trackedParams(given);
    list(tracked.params);
    assert.ok(tracked.read.has('*'));
  }
});

test('params give their values, and what they inherit is not among them', () => {
  const { params } = trackedParams(given);
  assert.deepEqual({ ...params }, { a: 1, b: 2 });
  assert.equal(Reflect.get(params, 'toString'), undefined);
});

test('params cannot be changed', () => {
  const open = { a: 1 };
  const params = trackedParams(open).params;
  assert.throws(() => Object.assign(params, { a: 2 }), TypeError);
  assert.equal(Reflect.deleteProperty(params, 'a'), false);
  assert.throws(() => Object.defineProperty(params, 'c', { value: 1 }), TypeError);
  assert.throws(() => Object.setPrototypeOf(params, {}), TypeError);
  assert.throws(() => Object.freeze(params), TypeError);
  assert.deepEqual(open, { a: 1 });
});
