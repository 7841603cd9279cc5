import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendGraph } from '../../lib/graph/extend-graph.ts';
import type { Catalog, Instance } from '../../lib/graph/graph.ts';
import { type Growth, growGraph } from '../../lib/graph/grow-graph.ts';
import type { Definition } from '../../lib/model/definition.ts';
import type { GraphNode } from '../../lib/model/node.ts';
import { at, catalogOf, codesOf, define, deps, edgesOf, problemsOf, rdep } from './catalog.ts';

type Edges = Record<string, readonly string[]>;
const B = define('B::[a]::[b]');

function grown(definitions: readonly Definition[], ...wanted: string[]): Edges {
  return edgesOf(growGraph(new Map(), wanted, catalogOf(definitions)));
}

/** A graph that grows by several requests, while definitions are added. */
class Growths {
  readonly graph: Map<string, GraphNode> = new Map();
  readonly begun: Set<string> = new Set();

  ask(catalog: Catalog, ...wanted: string[]): Growth {
    const growth = growGraph(this.graph, wanted, catalog, (name) => this.begun.has(name));
    extendGraph(this.graph, growth);
    return growth;
  }
}

function instances(given: Record<string, Instance>): ReadonlyMap<string, Instance> {
  return new Map(Object.entries(given));
}

test('R1, R3: plain tasks go before every task that their pattern names', () => {
  const all = [
    B,
    define('one', { rdeps: [rdep('B::[a]::[b]')] }),
    define('two', { rdeps: [rdep('B::[x]::2')] }),
  ];
  const edges = grown(all, 'B::test::2');
  assert.deepEqual(new Set(at(edges, 'B::test::2')), new Set(['one', 'two']));
  assert.deepEqual(at(edges, 'one'), []);
});

test('R2: an instance that exists goes before the targets that it agrees with', () => {
  const setup = define('setup::[env]', { rdeps: [rdep('B::[a]::[b]')] });
  const made = instances({ 'setup::test': { definition: setup, rawArgs: { env: 'test' } } });
  const { added } = growGraph(new Map(), ['B::x::2'], catalogOf([B, setup], { instances: made }));
  assert.deepEqual(
    added.map(({ name, deps }) => [name, deps]),
    [
      ['B::x::2', ['setup::test']],
      ['setup::test', []],
    ],
  );
});

test('P32: a proto whose arguments do not follow from the target is not created', () => {
  const setup = define('setup::[env]', { rdeps: [rdep('B::[a]::[b]')] });
  assert.deepEqual(grown([B, setup], 'B::test::2'), { 'B::test::2': [] });
});

test('instances that come later in the request go before the target too', () => {
  const setup = define('setup::[env]', { rdeps: [rdep('B::[a]::[b]')] });
  const user = define('user', { deps: deps('setup::late') });
  for (const wanted of [
    ['B::1::2', 'user'],
    ['user', 'B::1::2'],
  ]) {
    const edges = grown([B, setup, user], ...wanted);
    assert.deepEqual(at(edges, 'B::1::2'), ['setup::late'], wanted.join());
  }
});

test('instances that came before, in the request or in the graph, go before the target', () => {
  const setup = define('setup::[env]', { rdeps: [rdep('B::[a]::[b]')] });
  const catalog = catalogOf([B, setup, define('user', { deps: deps('B::1::2') })]);
  for (const target of ['B::1::2', 'user']) {
    const edges = edgesOf(growGraph(new Map(), ['setup::1', 'setup::2', target], catalog));
    assert.deepEqual(at(edges, 'B::1::2'), ['setup::1', 'setup::2'], target);
  }
  const growths = new Growths();
  growths.ask(catalog, 'setup::1');
  assert.deepEqual(edgesOf(growths.ask(catalog, 'B::1::2')), { 'B::1::2': ['setup::1'] });
});

test('V15: an instance whose arguments differ from the target stays out', () => {
  const setup = define('setup::[env]::[n]', { rdeps: [rdep('C::[env]')] });
  const C = define('C::[env]');
  const edges = grown([setup, C], 'setup::prod::1', 'setup::dev::2', 'C::dev', 'C::prod');
  assert.deepEqual(at(edges, 'C::dev'), ['setup::dev::2']);
  assert.deepEqual(at(edges, 'C::prod'), ['setup::prod::1']);
});

test('V15: prod of a proto is not put before dev, whatever was asked for', () => {
  const setup = define('setup::[env]', { rdeps: [rdep('B::[env]')] });
  const edges = grown([setup, define('B::[env]')], 'setup::prod', 'B::dev');
  assert.deepEqual(edges, { 'setup::prod': [], 'B::dev': ['setup::dev'], 'setup::dev': [] });
});

test('R4: a declarer goes before targets of several patterns', () => {
  const setup = define('setup', { rdeps: [rdep('B::[a]::[b]'), rdep('C::[a]')] });
  const edges = grown([setup, B, define('C::[a]')], 'B::1::2', 'C::1');
  assert.deepEqual([at(edges, 'B::1::2'), at(edges, 'C::1')], [['setup'], ['setup']]);
});

test('R6: reverse deps come beside deps', () => {
  const target = define('T', { defaults: new Map([['x', 'v']]), deps: deps('dep::[x]') });
  const edges = grown([target, define('dep::[x]'), define('s', { rdeps: [rdep('T')] })], 'T');
  assert.deepEqual(at(edges, 'T'), ['dep::v', 's']);
});

test('R7, R8: an instance is created from the name of a target, also of one that is only a dep', () => {
  const next = define('next.build::[target]', {
    rdeps: [rdep('k8s.build-image::[target]::frontend')],
  });
  const image = define('k8s.build-image::[target]::[component]');
  const images = define('k8s.build-images::[t]', {
    deps: deps('k8s.build-image::[t]::frontend', 'k8s.build-image::[t]::backend'),
  });
  const edges = grown([next, image, images], 'k8s.build-images::stage');
  assert.deepEqual(at(edges, 'k8s.build-image::stage::frontend'), ['next.build::stage']);
  assert.deepEqual(at(edges, 'k8s.build-image::stage::backend'), []);
});

test('R-INT: literal segments of a pattern choose the targets', () => {
  const all = [
    B,
    define('setup1', { rdeps: [rdep('B::[a]::[b]')] }),
    define('setup2', { rdeps: [rdep('B::1::[b]')] }),
    define('setup3', { rdeps: [rdep('B::[a]::2')] }),
    define('setup4', { rdeps: [rdep('B::1::2')] }),
  ];
  const before = (name: string): Set<string> => new Set(grown(all, name)[name]);
  assert.deepEqual(before('B::something::2'), new Set(['setup1', 'setup3']));
  assert.deepEqual(before('B::1::2'), new Set(['setup1', 'setup2', 'setup3', 'setup4']));
  assert.deepEqual(before('B::1::3'), new Set(['setup1', 'setup2']));
});

test('defaults fill what the target does not give', () => {
  const lint = define('lint::[env]::[level]', {
    defaults: new Map([['level', 3]]),
    rdeps: [rdep('C::[env]')],
  });
  assert.deepEqual(grown([lint, define('C::[env]')], 'C::dev')['C::dev'], ['lint::dev::3']);
});

test('a target whose values are no choices of the declarer goes without it', () => {
  const lint = define('lint::[env]', {
    args: new Map([['env', ['dev']]]),
    rdeps: [rdep('C::[env]')],
  });
  const all = [lint, define('C::[env]')];
  assert.deepEqual(grown(all, 'C::prod'), { 'C::prod': [] });
  assert.deepEqual(at(grown(all, 'C::dev'), 'C::dev'), ['lint::dev']);
});

test('a name that another definition has taken is not the declarer', () => {
  const lint = define('lint::[env]', { rdeps: [rdep('C::[env]')] });
  const all = [lint, define('lint::prod'), define('C::[env]')];
  assert.deepEqual(grown(all, 'C::prod'), { 'C::prod': [] });
});

test('a task is never its own dep, and no instance goes before another of its proto', () => {
  const all = [
    define('a', { rdeps: [rdep('[x]')] }),
    define('p::[n]', { rdeps: [rdep('[x]::[n]')] }),
  ];
  assert.deepEqual(grown(all, 'a'), { a: [] });
  assert.deepEqual(grown(all, 'p::1', 'p::2'), { 'p::1': [], 'p::2': [] });
  const self = define('self::[n]', { rdeps: [rdep('self::[n]', 'when-scheduled')] });
  assert.deepEqual(grown([self], 'self::1'), { 'self::1': [] });
  const one = [define('q::[n]', { rdeps: [rdep('q::[m]')] })];
  assert.deepEqual(grown(one, 'q::1', 'q::2'), { 'q::1': [], 'q::2': [] });
  const before = [define('x-[n]', { rdeps: [rdep('[n]')] }), define('foo')];
  assert.deepEqual(grown(before, 'foo'), { foo: ['x-foo'], 'x-foo': [] });
});

test('reverse deps that would pull in ever more tasks are a cycle', () => {
  const all = [
    define('a-[n]', { rdeps: [rdep('[n]')] }),
    define('b-[n]', { rdeps: [rdep('[n]')] }),
    define('foo'),
  ];
  const codes = codesOf(() => grown(all, 'foo'));
  assert.deepEqual(new Set(codes), new Set(['dependency-cycle']));
});

test('two tasks that go before each other are a cycle, shown as a path', () => {
  const all = [define('a', { rdeps: [rdep('b')] }), define('b', { rdeps: [rdep('a')] })];
  const [problem] = problemsOf(() => grown(all, 'a'));
  assert.match(problem?.text ?? '', /a → b → a/);
});

test('C1, C2, C13: when-scheduled pulls the target in, the target does not pull the declarer in', () => {
  const all = [define('A'), define('B', { rdeps: [rdep('A', 'when-scheduled')] })];
  const growth = growGraph(new Map(), ['B'], catalogOf(all));
  assert.deepEqual(edgesOf(growth), { B: [], A: ['B'] });
  assert.deepEqual(growth.wanted, ['B', 'A']);
  assert.deepEqual(grown(all, 'A'), { A: [] });
});

test('C3, C4: the order of names in a request does not matter', () => {
  const all = [define('A'), define('B', { rdeps: [rdep('A', 'when-scheduled')] })];
  assert.deepEqual(at(grown(all, 'B', 'A'), 'A'), ['B']);
  assert.deepEqual(at(grown(all, 'A', 'B'), 'A'), ['B']);
});

test('C5: a target that has begun is late-reverse-dep, which says so', () => {
  const all = catalogOf([define('A'), define('B', { rdeps: [rdep('A', 'when-scheduled')] })]);
  const growths = new Growths();
  growths.ask(all, 'A');
  growths.begun.add('A');
  const [problem] = problemsOf(() => growths.ask(all, 'B'));
  assert.equal(problem?.code, 'late-reverse-dep');
  assert.match(problem.text, /'B' .*too late.*'A'.*WhenScheduled/);
  assert.deepEqual([...growths.graph.keys()], ['A']);
});

test('a target in the graph that has not begun gets the declarer as a dep', () => {
  const all = catalogOf([define('A'), define('B', { rdeps: [rdep('A', 'when-scheduled')] })]);
  const growths = new Growths();
  growths.ask(all, 'A');
  assert.deepEqual(growths.ask(all, 'B').injected, [{ target: 'A', dep: 'B' }]);
  assert.deepEqual(growths.graph.get('A')?.deps, ['B']);
});

test('C7, C8: when-scheduled is filled from the arguments and defaults of the declarer', () => {
  const build = define('build::[env]', {
    defaults: new Map([['part', 'front']]),
    rdeps: [rdep('deploy::[env]::[part]', 'when-scheduled')],
  });
  const edges = grown([build, define('deploy::[env]::[part]')], 'build::prod');
  assert.deepEqual(edges, { 'build::prod': [], 'deploy::prod::front': ['build::prod'] });
});

test('when-scheduled that cannot be filled is invalid-pattern, with what to write instead', () => {
  const all = [
    define('migrate', { rdeps: [rdep('deploy::[env]', 'when-scheduled')] }),
    define('deploy::[env]'),
  ];
  const [problem] = problemsOf(() => grown(all, 'migrate'));
  assert.equal(problem?.code, 'invalid-pattern');
  assert.match(problem.hint ?? '', /placeholder of the name.*\.defaults\(\{ env/);
});

test('a target of when-scheduled that nothing stands for is unknown-task, missing deps or not', () => {
  const all = [define('B', { rdeps: [rdep('nope', 'when-scheduled')] })];
  for (const allowMissingDeps of [false, true]) {
    const catalog = catalogOf(all, { allowMissingDeps });
    assert.deepEqual(
      codesOf(() => growGraph(new Map(), ['B'], catalog)),
      ['unknown-task'],
    );
  }
});

test('C9, T9: two targets both wait for the declarer', () => {
  for (const kind of ['when-scheduled', 'when-target-scheduled'] as const) {
    const all = [
      define('A1'),
      define('A2'),
      define('B', { rdeps: [rdep('A1', kind), rdep('A2', kind)] }),
    ];
    const edges = grown(all, 'A1', 'A2', 'B');
    assert.deepEqual([at(edges, 'A1'), at(edges, 'A2')], [['B'], ['B']]);
  }
});

test('C10, C12: what a target pulls in pulls its own targets in', () => {
  const all = [
    define('ut'),
    define('ct'),
    define('setup', { rdeps: [rdep('ut'), rdep('ct', 'when-scheduled')] }),
  ];
  const expected = { ut: ['setup'], setup: [], ct: ['setup'] };
  assert.deepEqual(grown(all, 'ut'), expected);
  assert.deepEqual(grown(all, 'setup', 'ut'), expected);
});

test('T1, T2, T10, T11: when-target-scheduled is pulled in by the target, and pulls nothing in', () => {
  const all = [define('A'), define('B', { rdeps: [rdep('A', 'when-target-scheduled')] })];
  assert.deepEqual(grown(all, 'A'), { A: ['B'], B: [] });
  assert.deepEqual(grown(all, 'B'), { B: [] });
});

test('T3, T4: both asked for, in either order', () => {
  const all = [define('A'), define('B', { rdeps: [rdep('A', 'when-target-scheduled')] })];
  assert.deepEqual(at(grown(all, 'A', 'B'), 'A'), ['B']);
  assert.deepEqual(at(grown(all, 'B', 'A'), 'A'), ['B']);
});

test('T5: when-target-scheduled after the target has begun is late-reverse-dep', () => {
  const growths = new Growths();
  growths.ask(catalogOf([define('A')]), 'A');
  growths.begun.add('A');
  const later = catalogOf([
    define('A'),
    define('B', { rdeps: [rdep('A', 'when-target-scheduled')] }),
  ]);
  const [problem] = problemsOf(() => growths.ask(later, 'B'));
  assert.equal(problem?.code, 'late-reverse-dep');
  assert.match(problem.text, /'B' .*too late.*'A'.*WhenTargetScheduled/);
});

test('T6, T7, T8: when-target-scheduled takes its arguments from the target', () => {
  const build = define('build::[env]', {
    rdeps: [rdep('deploy::[env]::frontend', 'when-target-scheduled')],
  });
  const all = [build, define('deploy::[env]::[component]')];
  assert.deepEqual(at(grown(all, 'deploy::prod::frontend'), 'deploy::prod::frontend'), [
    'build::prod',
  ]);
  assert.deepEqual(grown(all, 'build::prod'), { 'build::prod': [] });
});

test('T12: the kinds work together', () => {
  const all = [
    define('deploy'),
    define('build', { rdeps: [rdep('deploy', 'when-scheduled')] }),
    define('lint', { rdeps: [rdep('deploy', 'when-target-scheduled')] }),
  ];
  const edges = grown(all, 'build');
  assert.deepEqual(new Set(at(edges, 'deploy')), new Set(['build', 'lint']));
});

test('a declarer that comes later goes before targets in the graph, unless they have begun', () => {
  const growths = new Growths();
  growths.ask(catalogOf([B]), 'B::1::1', 'B::1::2', 'B::2::1');
  growths.begun.add('B::1::2');
  const later = catalogOf([B, define('setup', { rdeps: [rdep('B::1::[b]')] })]);
  assert.deepEqual(growths.ask(later, 'setup').injected, [{ target: 'B::1::1', dep: 'setup' }]);
});

test('a cycle through the graph and a new edge into it is found', () => {
  const growths = new Growths();
  growths.ask(catalogOf([define('a', { deps: deps('b') }), define('b')]), 'a');
  const later = [
    define('a', { deps: deps('b') }),
    define('b'),
    define('c', { deps: deps('a'), rdeps: [rdep('b')] }),
  ];
  const [problem] = problemsOf(() => growths.ask(catalogOf(later), 'c'));
  assert.match(problem?.text ?? '', /c → a → b → c/);
});

test('a task of gulp that is a target waits too', () => {
  const catalog = catalogOf([define('setup', { rdeps: [rdep('clean')] })], {
    nativeNames: new Set(['clean']),
  });
  assert.deepEqual(edgesOf(growGraph(new Map(), ['clean'], catalog)), {
    clean: ['setup'],
    setup: [],
  });
});

test('instances with names of their own go before what their arguments agree with', () => {
  const setup = define('setup::[env]', { rdeps: [rdep('C::[env]')] });
  const made = instances({ mine: { definition: setup, rawArgs: { env: 'dev' } } });
  const catalog = catalogOf([setup, define('C::[env]')], { instances: made });
  const growth = growGraph(new Map(), ['C::dev', 'C::prod', 'mine'], catalog);
  const edges = edgesOf(growth);
  assert.deepEqual(new Set(at(edges, 'C::dev')), new Set(['setup::dev', 'mine']));
  assert.deepEqual(at(edges, 'C::prod'), ['setup::prod']);
});

test('many targets, many declarers and a growing graph cost what is added', () => {
  const count = 5_000;
  const all = catalogOf([
    define('c::[n]'),
    define('s::[n]', { rdeps: [rdep('c::[n]')] }),
    define('w::[n]', { rdeps: [rdep('end', 'when-scheduled')] }),
    define('setup', { rdeps: [rdep('c::[n]')] }),
    define('end'),
  ]);
  const growths = new Growths();
  for (let n = 0; n < count; n++) growths.ask(all, `c::${n}`, `w::${n}`);
  assert.equal(growths.graph.size, 3 * count + 2);
  assert.equal(growths.graph.get('end')?.deps.length, count);
  assert.deepEqual(
    new Set(growths.graph.get(`c::${count - 1}`)?.deps),
    new Set([`s::${count - 1}`, 'setup']),
  );
});
