import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChoiceMemo, castArgs } from '../../lib/model/cast-args.ts';
import type { ArgSpec, ArgValues, Definition, StandardSchema } from '../../lib/model/definition.ts';
import { instanceName } from '../../lib/model/instance-name.ts';
import { define, problemsOf } from '../graph/catalog.ts';

function cast(spec: ArgSpec | undefined, raw: string, name = 'f::[x]'): ArgValues {
  return castArgs(withSpec(spec, name), { x: raw });
}

function withSpec(spec: ArgSpec | undefined, name = 'f::[x]'): Definition {
  return define(name, { args: new Map(spec === undefined ? [] : [['x', spec]]) });
}

function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

/** The code and text of the one problem. */
function refusal(work: () => unknown): string {
  const problems = problemsOf(work);
  assert.equal(problems.length, 1);
  return `${problems[0]?.code}: ${problems[0]?.text}`;
}

const fits: [string, ArgSpec | undefined, string, unknown][] = [
  ['text by default', undefined, 'a-1_@+.b', 'a-1_@+.b'],
  ['Number', Number, '007', 7],
  ['Number with a fraction (P23)', Number, '20.5', 20.5],
  ['BigInt', BigInt, '12345678901234567890', 12345678901234567890n],
  ['Boolean', Boolean, 'yes', true],
  ['Boolean', Boolean, 'OFF', false],
  ['a choice that is a number', [1, 2], '2', 2],
  ['a choice that is true', [true, false], 'true', true],
  ['a choice that a function gives', () => ['a', 'b'], 'b', 'b'],
  ['a choice outside the alphabet', ['a b', '.x'], 'a b', 'a b'],
  ['a pattern', { pattern: /a|ab/ }, 'ab', 'ab'],
  ['a pattern with flags that keep a position', { pattern: /x+/gy }, 'xx', 'xx'],
  ['the output of a schema', schemaOf((value) => ({ value: Number(value) + 1 })), '4', 5],
  ['a schema whose output is undefined', schemaOf(() => ({ value: undefined })), '4', undefined],
  [
    'a schema that says issues: undefined',
    schemaOf(() => ({ value: 1, issues: undefined })),
    '4',
    1,
  ],
];

for (const [what, spec, raw, value] of fits) {
  test(`'${raw}' fits ${what}`, () => assert.deepEqual(cast(spec, raw), { x: value }));
}

const misfits: [string, ArgSpec | undefined, string, RegExp][] = [
  ['text by default', undefined, '../x', /^argument-invalid.*letters/],
  ['text by default', undefined, '', /^argument-invalid/],
  ['Number', Number, 'abc', /^argument-invalid.*number/],
  ['Boolean', Boolean, 'maybe', /^argument-invalid.*true or false/],
  ['BigInt', BigInt, '1.5', /^argument-invalid.*whole/],
  ['a list of choices', ['a', 'b'], 'c', /^argument-not-a-choice.*allowed choices are a, b\./],
  ['a pattern that it only contains', { pattern: /b/ }, 'abc', /^argument-invalid.*match/],
  ['a pattern, with a line break', { pattern: /[\s\S]*/m }, 'a\nb', /^argument-invalid.*control/],
  ['a schema, with a glob', schemaOf((value) => ({ value })), 'a*', /^argument-invalid/],
  ['a schema with issues', schemaOf(() => ({ issues: [{ message: 'too odd' }] })), '1', /too odd/],
  ['a schema that throws', schemaOf(() => assert.fail('broken')), '1', /^argument-invalid.*broken/],
  ['a schema that promises', schemaOf(() => Promise.resolve({})), '1', /promise/],
  ['a schema that says nothing', schemaOf(() => ({})), '1', /neither a value nor issues/],
  ['a schema that says 5', schemaOf(() => 5), '1', /answers with 5/],
];

for (const [what, spec, raw, message] of misfits) {
  test(`'${raw}' does not fit ${what}`, () => {
    assert.match(
      refusal(() => cast(spec, raw)),
      message,
    );
  });
}

test('a schema that is a function is not called for choices', () => {
  const schema = Object.assign(
    () => assert.fail('called'),
    schemaOf((value) => ({ value })),
  );
  assert.deepEqual(cast(schema as unknown as ArgSpec, 'v'), { x: 'v' });
});

test('only [...rest] takes a value with separators', () => {
  assert.deepEqual(cast(undefined, 'a::b', 'f::[...x]'), { x: 'a::b' });
  assert.match(
    refusal(() => cast(undefined, 'a::b')),
    /^argument-invalid.*separator/,
  );
  assert.match(
    refusal(() => instanceName(withSpec(undefined), { x: 'a::b' })),
    /separator/,
  );
});

const nonsense: [string, ArgSpec, RegExp][] = [
  ['a function that throws', () => assert.fail('broken'), /the function threw: broken/],
  [
    'a function that gives no array',
    (() => 'ab') as unknown as ArgSpec,
    /gave 'ab', which is no array/,
  ],
  ['a function that gives nothing', (() => undefined) as unknown as ArgSpec, /gave undefined/],
  ['an async function', (async () => ['a']) as unknown as ArgSpec, /gave Promise/],
  ['a choice that is no value', [null] as unknown as ArgSpec, /null is no value/],
  ['a choice with a glob', ['a*'], /'a\*'/],
  ['an empty choice', [''], /''/],
  ['a choice with a control character', ['a\u0007'], /control|\*/],
  ['a choice with the separator', ['a::b'], /'a::b' holds the separator/],
];

for (const [what, spec, message] of nonsense) {
  test(`${what} in .args() is invalid-option, which names the argument and the task`, () => {
    const text = refusal(() => cast(spec, 'a'));
    assert.match(
      text,
      /^invalid-option: The choices for \[x\] in .args\(\) of 'f::\[x\]' are wrong/,
    );
    assert.match(text, message);
  });
}

test('choices of [...rest] may hold separators', () => {
  assert.deepEqual(cast(['a::b', 'c'], 'a::b', 'f::[...x]'), { x: 'a::b' });
});

test('a function in .args() is called once for all that share a memo', () => {
  let calls = 0;
  const definition = withSpec(() => [++calls]);
  const memo: ChoiceMemo = new Map();
  for (let i = 0; i < 3; i++) castArgs(definition, { x: '1' }, memo);
  assert.equal(calls, 1);
});

test('a list of choices that has grown since is read again', () => {
  const list = ['a'];
  const definition = withSpec(list);
  assert.deepEqual(castArgs(definition, { x: 'a' }), { x: 'a' });
  list.push('b');
  assert.deepEqual(castArgs(definition, { x: 'b' }), { x: 'b' });
});

test('arguments are frozen, and every wrong one is told', () => {
  const definition = define('f::[x]::[y]', {
    args: new Map<string, ArgSpec>([
      ['x', Number],
      ['y', ['a']],
    ]),
  });
  assert.ok(Object.isFrozen(castArgs(definition, { x: '1', y: 'a' })));
  const codes = problemsOf(() => castArgs(definition, { x: 'q', y: 'q' })).map(({ code }) => code);
  assert.deepEqual(codes, ['argument-invalid', 'argument-not-a-choice']);
});

test('of many choices an error shows some, and how many more there are', () => {
  const choices = Array.from({ length: 1000 }, (_, i) => i);
  assert.match(
    refusal(() => cast(choices, 'z')),
    /18, 19 and 980 more\./,
  );
});

test('P15, P17: a name cannot be made without all arguments; defaults fill in', () => {
  const definition = define('f::[x]::[constructor]');
  const missing = problemsOf(() => instanceName(definition, { x: 1 }));
  assert.deepEqual(
    missing.map(({ code, text }) => `${code} ${text}`),
    ["missing-argument 'f::[x]::[constructor]' needs a value for [constructor]."],
  );
  const withDefault = { ...definition, defaults: new Map([['constructor', 'd']]) };
  assert.equal(instanceName(withDefault, { x: 42 }), 'f::42::d');
});
