import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growGraph } from '../../lib/graph/grow-graph.ts';
import type { Definition } from '../../lib/model/definition.ts';
import { DefinitionError } from '../../lib/model/errors.ts';
import { catalogOf, define, deps } from './catalog.ts';

const envs = new Map([['env', ['dev', 'prod']]]);

function names(definitions: readonly Definition[], ...wanted: string[]): string[] {
  return growGraph(
    new Map(),
    wanted,
    catalogOf(definitions, { nativeNames: new Set(['native']) }),
  ).added.map((n) => n.name);
}

function codes(definitions: readonly Definition[], ...wanted: string[]): string[] {
  try {
    names(definitions, ...wanted);
    return [];
  } catch (error) {
    assert.ok(error instanceof DefinitionError);
    return error.problems.map(({ code }) => code);
  }
}

test('deps are created from protos, with the arguments of the declarer', () => {
  const build = define('build::[env]', { args: envs });
  const site = define('site::[env]', { args: envs, deps: deps('build::[env]', 'native') });
  const created = new Set(names([build, site], 'site::prod'));
  assert.deepEqual(created, new Set(['build::prod', 'native', 'site::prod']));
});

test('a glob stands for all choices, the first placeholder varying slowest', () => {
  const args = new Map<string, readonly (string | number)[]>([
    ['a', ['x', 'y']],
    ['b', [1, 2]],
  ]);
  const { wanted } = growGraph(
    new Map(),
    ['p::*::?'],
    catalogOf([define('p::[a]::[b]', { args })]),
  );
  assert.deepEqual(wanted, ['p::x::1', 'p::x::2', 'p::y::1', 'p::y::2']);
});

test('a literal name beats a pattern, and more literal segments beat fewer', () => {
  const all = [define('x::all'), define('x::[a]'), define('[b]::[a]')];
  const { added } = growGraph(new Map(), ['x::all', 'x::one'], catalogOf(all));
  const used = added.map((node) => (node.kind === 'task' ? node.definition.name : ''));
  assert.deepEqual(used, ['x::all', 'x::[a]']);
});

test('two patterns that fit equally well are ambiguous-proto', () => {
  assert.deepEqual(codes([define('x::[a]'), define('[a]::y')], 'x::y'), ['ambiguous-proto']);
});

test('an unknown name is unknown-task, with the name that was meant', () => {
  const all = [define('build::[env]', { args: envs })];
  assert.deepEqual(codes(all, 'biuld::prod'), ['unknown-task']);
  assert.throws(() => names(all, 'biuld::prod'), /Did you mean 'build::\[env\]'\?/);
});

test('an argument that is left out is missing-argument', () => {
  const all = [define('build::[bundle]::[env]')];
  assert.deepEqual(codes(all, 'build::full'), ['missing-argument']);
  assert.deepEqual(codes(all, 'build::full::'), ['missing-argument']);
});

test('a value that is no choice is argument-not-a-choice, also beside a glob', () => {
  const args = new Map<string, readonly (string | number)[]>([...envs, ['n', [1]]]);
  assert.deepEqual(codes([define('b::[env]', { args: envs })], 'b::qa'), ['argument-not-a-choice']);
  assert.deepEqual(
    new Set(codes([define('b::[env]::[n]', { args })], 'b::*::9')),
    new Set(['argument-not-a-choice']),
  );
});

test('a value outside the alphabet is argument-invalid', () => {
  assert.deepEqual(codes([define('b::[x]')], 'b::../../etc'), ['argument-invalid']);
});

test('a glob for an argument without choices is glob-without-choices', () => {
  assert.deepEqual(codes([define('b::[x]')], 'b::*'), ['glob-without-choices']);
});

test('a glob that fits no choice is no-match', () => {
  assert.deepEqual(codes([define('b::[env]', { args: envs })], 'b::z*'), ['no-match']);
});

test('a cycle is dependency-cycle, shown as a path', () => {
  const all = [
    define('a', { deps: deps('b') }),
    define('b', { deps: deps('c') }),
    define('c', { deps: deps('b') }),
  ];
  assert.deepEqual(codes(all, 'a'), ['dependency-cycle']);
  assert.throws(() => names(all, 'a'), /b → c → b/);
});

test('two tasks that declare the same output are overlapping-outputs', () => {
  const all = [define('a', { outputs: ['dist/x'] }), define('b', { outputs: ['./dist/x'] })];
  assert.deepEqual(codes(all, 'a', 'b'), ['overlapping-outputs']);
});

test('all problems of a request come in one error', () => {
  const all = [define('a', { deps: deps('nope', 'b::qa') }), define('b::[env]', { args: envs })];
  assert.deepEqual(codes(all, 'a', 'c::d'), [
    'unknown-task',
    'unknown-task',
    'argument-not-a-choice',
  ]);
});

test('a chain of 20,000 deps needs no recursion', () => {
  const all = Array.from({ length: 20_000 }, (_, i) =>
    define(`t${i}`, i === 0 ? {} : { deps: deps(`t${i - 1}`) }),
  );
  assert.equal(names(all, 't19999').length, 20_000);
});
