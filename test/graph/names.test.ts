import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growGraph } from '../../lib/graph/grow-graph.ts';
import type { ArgSpec, Definition, DepSpec } from '../../lib/model/definition.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { paramsReadBy } from '../../lib/model/tracked-params.ts';
import { at, catalogOf, codesOf, define, deps, edgesOf, problemsOf } from './catalog.ts';

function computed(depsOf: (args: Readonly<Record<string, unknown>>) => unknown): DepSpec {
  return { kind: 'computed', depsOf: depsOf as Extract<DepSpec, { kind: 'computed' }>['depsOf'] };
}

function grown(definitions: readonly Definition[], ...wanted: string[]) {
  return edgesOf(growGraph(new Map(), wanted, catalogOf(definitions)));
}

function wantedOf(definition: Definition, ...names: string[]): readonly string[] {
  return growGraph(new Map(), names, catalogOf([definition])).wanted;
}

function taskOf(definitions: readonly Definition[], name: string): TaskNode {
  const { added } = growGraph(new Map(), [name], catalogOf(definitions));
  const node = added.find((each) => each.name === name);
  assert.equal(node?.kind, 'task');
  return node;
}

test('P6, P8, P12, P13: deps are patterns, filled names and functions that give either', () => {
  const main = define('main::[v]', {
    deps: [
      ...deps('dep::[v]', 'dep::999'),
      computed(({ v }) => deps(`dep1-${String(v)}`, 'dep2-456', 'dep::[v]')),
    ],
  });
  const all = [main, define('dep::[x]'), define('dep1-[x]'), define('dep2-[y]')];
  assert.deepEqual(at(grown(all, 'main::a'), 'main::a'), [
    'dep::a',
    'dep::999',
    'dep1-a',
    'dep2-456',
  ]);
});

test('P9, P10: defaults fill deps and functions of the definition, but are no arguments', () => {
  const main = define('main::[a]', {
    defaults: new Map<string, unknown>([
      ['x', 'test'],
      ['y', 42],
    ]),
    deps: [...deps('dep::[x]::[y]'), computed(({ a, x, y }) => deps(`${a}-${x}-${y}`))],
  });
  const all = [main, define('dep::[x]::[y]'), define('1-[v]')];
  assert.deepEqual(at(grown(all, 'main::1'), 'main::1'), ['dep::test::42', '1-test-42']);
  assert.deepEqual(taskOf(all, 'main::1').args, { a: '1' });
});

test('P15, P17, P20: a dep without a value for a placeholder is invalid-pattern', () => {
  const all = [define('main::[x]', { deps: deps('dep::[x]::[y]') }), define('dep::[x]::[y]')];
  const [problem] = problemsOf(() => grown(all, 'main::1'));
  assert.equal(problem?.code, 'invalid-pattern');
  assert.match(problem.text, /\[y\]/);
});

test('P18: a filled dep that no proto fits is unknown-task, named as it was filled', () => {
  const all = [define('main::[x]', { deps: deps('dep::[x]') })];
  const [problem] = problemsOf(() => grown(all, 'main::test'));
  assert.match(problem?.text ?? '', /'main::test' depends on 'dep::test', which does not exist/);
});

test('P16, P19, P21, P27: the name stays as it was asked for, its arguments are cast', () => {
  const dep = define('dep::[x]::[y]', { args: new Map<string, ArgSpec>([['y', Number]]) });
  const node = taskOf([dep], 'dep::te-st::042');
  assert.deepEqual([node.name, node.rawArgs], ['dep::te-st::042', { x: 'te-st', y: '042' }]);
  assert.deepEqual(node.args, { x: 'te-st', y: 42 });
});

test('P22: deps are filled in part or in whole', () => {
  for (const dep of ['foo::1::2', 'foo::[a]::2', 'foo::1::[b]', 'foo::[a]::[b]']) {
    const all = [define('main::[a]::[b]', { deps: deps(dep) }), define('foo::[a]::[b]')];
    assert.deepEqual(at(grown(all, 'main::1::2'), 'main::1::2'), ['foo::1::2'], dep);
  }
});

test('P24: two protos that fit equally well are ambiguous-proto, which names both', () => {
  const [problem] = problemsOf(() => grown([define('foo::[x]'), define('foo::[y]')], 'foo::test'));
  assert.equal(problem?.code, 'ambiguous-proto');
  assert.match(problem.text, /'foo::\[x\]' and 'foo::\[y\]'/);
});

test('P25: deps of plain tasks are created from protos', () => {
  const all = [define('main', { deps: deps('w::1', 'w::2') }), define('w::[n]')];
  assert.deepEqual(grown(all, 'main'), { main: ['w::1', 'w::2'], 'w::1': [], 'w::2': [] });
});

test('an instance wins over a literal task, that over gulp, and that over protos', () => {
  const proto = define('x::[a]');
  const instance = { definition: proto, rawArgs: { a: 'v' } };
  const catalog = catalogOf([proto, define('x::lit'), define('mine')], {
    instances: new Map([['mine', instance]]),
    nativeNames: new Set(['x::lit', 'x::gulp', 'mine']),
  });
  const { added } = growGraph(new Map(), ['mine', 'x::lit', 'x::gulp', 'x::1'], catalog);
  assert.deepEqual(
    added.map((node) => (node.kind === 'task' ? node.definition.name : node.kind)),
    ['x::[a]', 'x::lit', 'native', 'x::[a]'],
  );
});

test('a name given by hand is what the task is called', () => {
  const proto = define('test::[p0]', { outputs: ['out/[p0]'] });
  const catalog = catalogOf([proto], {
    instances: new Map([['test:1', { definition: proto, rawArgs: { p0: 'ha' } }]]),
  });
  const [node] = growGraph(new Map(), ['test:1'], catalog).added;
  assert.ok(node?.kind === 'task');
  assert.deepEqual([node.name, node.context.name, node.outputs], ['test:1', 'test:1', ['out/ha']]);
});

const foo = define('foo::[x]::[y]', {
  args: new Map<string, ArgSpec>([
    ['x', ['a', 'ab', 'b']],
    ['y', [1, 2]],
  ]),
});

test('A1, A3, A4, A5, A7: globs stand for the choices that fit, the first placeholder slowest', () => {
  const expected = {
    'foo::a::2': ['foo::a::2'],
    'foo::*::2': ['foo::a::2', 'foo::ab::2', 'foo::b::2'],
    'foo::?b::2': ['foo::ab::2'],
    'foo::?::1': ['foo::a::1', 'foo::b::1'],
    'foo::a*::1': ['foo::a::1', 'foo::ab::1'],
    'foo::b::*': ['foo::b::1', 'foo::b::2'],
  };
  for (const [glob, names] of Object.entries(expected)) {
    assert.deepEqual(wantedOf(foo, glob), names, glob);
  }
  assert.equal(wantedOf(foo, 'foo::*::*').length, 6);
});

test('A2, A6, A8, X11: wrong choices and globs say what is allowed', () => {
  const plain = define('p::[x]::[y]');
  const messages: [Definition, string, RegExp][] = [
    [foo, 'foo::c::2', /allowed choices are a, ab, b/],
    [plain, 'p::*::2', /\.args\(\{ x: /],
    [plain, 'p::x?::2', /\.args\(\{ x: /],
    [foo, 'foo::z*::1', /Allowed choices are a, ab, b/],
    [foo, 'foo::*::9', /'9' is no \[y\].*allowed choices are 1, 2/],
    [foo, 'foo::c::*', /'c' is no \[x\].*allowed choices are a, ab, b/],
  ];
  for (const [definition, name, message] of messages) {
    const problems = problemsOf(() => wantedOf(definition, name));
    assert.equal(problems.length, 1, name);
    assert.match(`${problems[0]?.text} ${problems[0]?.hint}`, message);
  }
});

test('a glob that stands for more tasks than memory could hold is an error', () => {
  const choices = Array.from({ length: 2000 }, (_, n) => n);
  const args = new Map([
    ['x', choices],
    ['y', choices],
  ]);
  const [problem] = problemsOf(() => wantedOf(define('p::[x]::[y]', { args }), 'p::*::*'));
  assert.match(problem?.text ?? '', /'p::\*::\*' stands for more than 1000000 tasks/);
});

test('a glob as a dep stands for all choices', () => {
  const all = [foo, define('main', { deps: deps('foo::*::1') })];
  assert.deepEqual(at(grown(all, 'main'), 'main'), ['foo::a::1', 'foo::ab::1', 'foo::b::1']);
});

test('a function for choices is asked once in a request', () => {
  let calls = 0;
  const args = new Map<string, ArgSpec>([['x', () => [++calls, 'z']]]);
  assert.deepEqual(wantedOf(define('f::[x]', { args }), 'f::*', 'f::z'), ['f::1', 'f::z']);
  assert.equal(calls, 1);
});

test('placeholders that were not filled in are missing-argument', () => {
  for (const name of ['foo::[x]::1', 'foo::a', 'foo::a::', 'foo']) {
    assert.deepEqual(
      codesOf(() => wantedOf(foo, name)),
      ['missing-argument'],
      name,
    );
  }
  assert.deepEqual(
    codesOf(() => wantedOf(define('r::[...x]'), 'r::a::')),
    ['missing-argument'],
  );
});

test('O2: an unknown dep is unknown-task at its dependant, with the option that allows it', () => {
  const all = [define('proc_b', { deps: deps('nonexistent_proc') }), define('nonexistent-proc')];
  const [problem] = problemsOf(() => grown(all, 'proc_b'));
  assert.equal(problem?.code, 'unknown-task');
  assert.match(problem.text, /'proc_b' depends on 'nonexistent_proc', which does not exist/);
  assert.match(problem.hint ?? '', /Did you mean 'nonexistent-proc'\?.*allowMissingDeps: true/);
  assert.equal(problem.place?.file, '/project/parprocfile.ts');
});

test('O3: where missing deps are allowed, one is a node of its own', () => {
  const all = [define('b', { deps: deps('nope') })];
  const catalog = catalogOf(all, { allowMissingDeps: true });
  const graph = new Map();
  const { added } = growGraph(graph, ['b'], catalog);
  assert.deepEqual(
    added.map(({ kind, name, deps }) => [kind, name, deps]),
    [
      ['task', 'b', ['nope']],
      ['missing', 'nope', []],
    ],
  );
  for (const node of added) graph.set(node.name, node);
  for (const where of [new Map(), graph]) {
    assert.deepEqual(
      codesOf(() => growGraph(where, ['nope'], catalog)),
      ['unknown-task'],
    );
  }
});

test('locks are filled, and exclusive wins over shared', () => {
  const definition = define('d::[env]', {
    locks: [
      { name: 'db-[env]', mode: 'shared' },
      { name: 'db-prod', mode: 'exclusive' },
      { name: 'net', mode: 'shared' },
      { name: 'net', mode: 'shared' },
    ],
  });
  assert.deepEqual(taskOf([definition], 'd::prod').locks, [
    { name: 'db-prod', mode: 'exclusive' },
    { name: 'net', mode: 'shared' },
  ]);
});

test('functions of the definition see the params, and what they read is noted', () => {
  const definition = define('d', {
    deps: [
      { kind: 'computed', depsOf: (_, { params: { big } }) => (big === true ? deps('more') : []) },
    ],
    inputs: [(_, { name, params: { dir } }) => [`${name}/${String(dir)}`]],
  });
  const catalog = catalogOf([definition, define('more')], { params: { big: true, dir: 'src' } });
  const [node] = growGraph(new Map(), ['d'], catalog).added;
  assert.ok(node?.kind === 'task');
  assert.deepEqual(node.deps, ['more']);
  assert.deepEqual([...paramsReadBy(node.context)], ['big']);
  const [inputs] = node.inputs;
  assert.ok(typeof inputs === 'function');
  assert.deepEqual(inputs({}, node.context), ['d/src']);
  assert.deepEqual([...paramsReadBy(node.context)], ['big', 'dir']);
});

const nonsense: [string, Partial<Definition>, RegExp][] = [
  ['deps', { deps: [computed(() => 5)] }, /gave no names, .* but 5/],
  ['deps', { deps: [computed(() => [{ kind: 'pattern', text: undefined }])] }, /gave no names/],
  ['deps', { deps: [computed(() => [null])] }, /gave no names/],
  ['deps', { deps: [computed(() => Promise.resolve([]))] }, /but Promise/],
  ['deps', { deps: [computed(() => assert.fail('broken'))] }, /threw for 'd': broken/],
  ['outputs', { outputs: [() => [7] as never] }, /gave no paths for 'd', but \[ 7 \]/],
];

for (const [step, parts, message] of nonsense) {
  test(`a function in .${step}() that gives nonsense is invalid-option: ${message.source}`, () => {
    const problems = problemsOf(() => grown([define('d', parts)], 'd'));
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['invalid-option'],
    );
    assert.match(problems[0]?.text ?? '', message);
    assert.match(problems[0]?.text ?? '', new RegExp(`\\.${step}\\(\\) of 'd'`));
  });
}

test('a value in brackets is no placeholder once it is filled in', () => {
  const args = new Map<string, ArgSpec>([['v', ['[x]']]]);
  const all = [
    define('m::[v]', { args, deps: deps('d::[v]') }),
    define('d::[w]', {
      args: new Map<string, ArgSpec>([['w', ['[x]']]]),
    }),
  ];
  assert.deepEqual(at(grown(all, 'm::[x]'), 'm::[x]'), ['d::[x]']);
});

const many = 20_000;

test('a chain of instances made by a function needs no recursion', () => {
  const chain = define('c::[n]', {
    args: new Map<string, ArgSpec>([['n', Number]]),
    deps: [computed(({ n }) => (n === 0 ? [] : deps(`c::${Number(n) - 1}`)))],
  });
  const { added } = growGraph(new Map(), [`c::${many - 1}`], catalogOf([chain]));
  assert.equal(added.length, many);
  assert.deepEqual(added.at(-2)?.deps, ['c::0']);
});

test('many groups in a chain get the wave of the last', () => {
  const { action: _, ...group } = define('g');
  const all = Array.from({ length: many }, (_, n) =>
    n === 0 ? define('g0', { wave: 3 }) : { ...group, ...patternOf(n), deps: deps(`g${n - 1}`) },
  );
  const { added } = growGraph(new Map(), [`g${many - 1}`], catalogOf(all));
  assert.ok(added.every((node) => node.kind === 'task' && node.wave === 3));
});

function patternOf(n: number): Pick<Definition, 'name' | 'pattern'> {
  const { name, pattern } = define(`g${n}`);
  return { name, pattern };
}

test('many choices and many instances made by hand resolve by look-up', () => {
  const choices = Array.from({ length: many }, (_, n) => `v${n}`);
  const proto = define('c::[n]', { args: new Map([['n', choices]]), outputs: ['out/[n]'] });
  const names = choices.map((each) => `mine-${each}`);
  const catalog = catalogOf([proto], {
    instances: new Map(
      names.map((each, n) => [each, { definition: proto, rawArgs: { n: `v${n}` } }]),
    ),
  });
  assert.equal(growGraph(new Map(), ['c::*'], catalog).added.length, many);
  assert.equal(growGraph(new Map(), names, catalog).added.length, many);
});

test('many unknown deps are all told', () => {
  const all = Array.from({ length: many }, (_, n) => define(`t${n}`, { deps: deps(`nope/${n}`) }));
  const problems = problemsOf(() => grown(all, ...all.map(({ name }) => name)));
  assert.equal(problems.length, many);
});
