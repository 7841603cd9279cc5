import assert from 'node:assert/strict';
import { PatternTrie } from '../../lib/graph/pattern-trie.ts';
import { clear, create, results, run, states, task } from '../../lib/index.ts';
import { matchPattern, parsePattern } from '../../lib/model/pattern.ts';
import { endOfRows, row } from './rows.ts';
import { inTurn, openStage } from './stage.ts';

row('R1', 'a plain task goes before what its reverse dep fits, and both have results', async () => {
  const { log, play } = openStage();
  task('setup').rdeps('B::[a]::[b]').action(play);
  task('B::[a]::[b]').action(play);
  const { tasks } = await run('B::test::2');
  assert.deepEqual(log, inTurn('setup', 'B::test::2'));
  assert.deepEqual({ ...results() }, { setup: 'setup', 'B::test::2': 'B::test::2' });
  assert.deepEqual(new Set(tasks.keys()), new Set(['B::test::2', 'setup']));
});

row(
  'R2',
  'a proto whose arguments the target does not give is injected where created',
  async () => {
    const { log, play } = openStage();
    task('setup::[env]').rdeps('B::[a]::[b]').action(play);
    task('B::[a]::[b]').action(play);
    await run('B::test::1');
    assert.deepEqual(log.splice(0), inTurn('B::test::1'));
    create('setup::test');
    await run('B::test::2');
    assert.deepEqual(log, inTurn('setup::test', 'B::test::2'));
  },
);

row(
  'R2',
  '(changed: placeholders are bound) of created instances only those go first that agree with the target',
  async () => {
    const { log, play } = openStage();
    task('setup::[a]::[env]').rdeps('B::[a]::[b]').action(play);
    task('B::[a]::[b]').action(play);
    create('setup::x::test');
    create('setup::y::test');
    await run('B::x::2');
    assert.deepEqual(log.splice(0), inTurn('setup::x::test', 'B::x::2'));
    const { tasks } = await run('B::z::2', 'setup::y::test');
    assert.deepEqual(new Set(tasks.keys()), new Set(['B::z::2', 'setup::y::test']));
    assert.deepEqual(log.slice(0, 2), ['B::z::2 started', 'setup::y::test started']);
  },
);

row('R3', 'two tasks with the same reverse dep are both injected', async () => {
  const { log, play } = openStage();
  for (const name of ['setup1', 'setup2']) task(name).rdeps('B::[a]::[b]').action(play);
  task('B::[a]::[b]').action(play);
  await run('B::test::2');
  assert.deepEqual(log.slice(-2), inTurn('B::test::2'));
  assert.deepEqual(log.slice(0, -2).sort(), inTurn('setup1', 'setup2').sort());
});

row('R4', 'a task with two reverse deps goes before either target', async () => {
  for (const target of ['B::test::2', 'C::test::2']) {
    const { log, play } = openStage();
    task('setup').rdeps('B::[a]::[b]', 'C::[a]::[b]').action(play);
    task('B::[a]::[b]').action(play);
    task('C::[a]::[b]').action(play);
    await run(target);
    assert.deepEqual(log, inTurn('setup', target));
    clear();
  }
});

row(
  'R5',
  'the declarer has ended before the target starts, in whatever order they are asked for',
  async () => {
    for (const names of [['B::x::2'], ['B::x::2', 'setup'], ['setup', 'B::x::2']]) {
      const { log, play } = openStage();
      task('B::[a]::[b]').action(play);
      task('setup').rdeps('B::[a]::[b]').action(play);
      await run(...names);
      assert.deepEqual(log, inTurn('setup', 'B::x::2'), names.join(' '));
    }
  },
);

row('R6', 'a reverse dep and a dep that defaults fill both go before the target', async () => {
  const { log, play } = openStage();
  task('setup').rdeps('B::[a]::[b]').action(play);
  task('dep::[x]').action(play);
  task('B::[a]::[b]').defaults({ x: 7 }).deps('dep::[x]').action(play);
  await run('B::test::2');
  assert.deepEqual(log.slice(-2), inTurn('B::test::2'));
  assert.deepEqual(log.slice(0, -2).sort(), inTurn('dep::7', 'setup').sort());
});

function defineImages(play: ReturnType<typeof openStage>['play']): void {
  task('k8s.build-image::[target]::[component]').action(play);
  task('k8s.build-images::[target]')
    .deps('k8s.build-image::[target]::frontend', 'k8s.build-image::[target]::backend')
    .action(play);
  task('next.build::[target]').rdeps('k8s.build-image::[target]::frontend').action(play);
}

row(
  'R7',
  'a proto is created with the arguments that its reverse dep finds in the target',
  async () => {
    const { log, play } = openStage();
    defineImages(play);
    await run('k8s.build-image::stage::frontend');
    assert.deepEqual(log, inTurn('next.build::stage', 'k8s.build-image::stage::frontend'));
  },
);

row('R8', 'a target that is reached as a dep is injected into as well', async () => {
  const { log, play } = openStage();
  defineImages(play);
  await run('k8s.build-images::stage');
  const at = (entry: string): number => log.indexOf(entry);
  assert.ok(at('next.build::stage ended') < at('k8s.build-image::stage::frontend started'));
  assert.ok(at('k8s.build-image::stage::backend started') < at('next.build::stage ended'));
  assert.deepEqual(log.filter((entry) => entry.endsWith('started')).sort(), [
    'k8s.build-image::stage::backend started',
    'k8s.build-image::stage::frontend started',
    'k8s.build-images::stage started',
    'next.build::stage started',
  ]);
  assert.deepEqual(log.slice(-2), inTurn('k8s.build-images::stage'));
});

const fitting = [
  ['B::something::2', ['setup1', 'setup3']],
  ['B::1::2', ['setup1', 'setup2', 'setup3', 'setup4']],
  ['B::1::3', ['setup1', 'setup2']],
] as const;
for (const [target, setups] of fitting) {
  row('R-INT', `${target} is gone before by ${setups.join(', ')} and by nothing else`, async () => {
    const { log, play } = openStage();
    task('B::[a]::[b]').action(play);
    task('setup1').rdeps('B::[a]::[b]').action(play);
    task('setup2').rdeps('B::1::[b]').action(play);
    task('setup3').rdeps('B::[a]::2').action(play);
    task('setup4').rdeps('B::1::2').action(play);
    await run(target);
    assert.deepEqual(log.slice(-2), inTurn(target));
    assert.deepEqual(log.slice(0, -2).sort(), inTurn(...setups).sort());
    for (const [name, state] of states()) {
      const isNeeded = name === target || setups.some((setup) => setup === name);
      assert.equal(state, isNeeded ? 'succeeded' : 'idle', name);
    }
  });
}

type Vector = readonly [
  id: `RM${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14}`,
  pattern: string,
  fits: Readonly<Record<string, Readonly<Record<string, string>>>>,
  fitsNot: readonly string[],
  changed?: string,
];

const long = 'x'.repeat(100);
const vectors: readonly Vector[] = [
  ['RM1', 'B::1::2', { 'B::1::2': {} }, ['B::1::3', 'B::2::2']],
  ['RM2', 'B::[a]', { 'B::test': { a: 'test' }, 'B::123': { a: '123' } }, ['C::test']],
  [
    'RM3',
    'B::[a]::[b]',
    {
      'B::test::2': { a: 'test', b: '2' },
      'B::foo::42': { a: 'foo', b: '42' },
      'B::my-cluster::us-east-1': { a: 'my-cluster', b: 'us-east-1' },
    },
    ['B::test', 'C::test::2', 'B-my-cluster-2', 'B::::2'],
  ],
  [
    'RM4',
    'B::1::[b]',
    { 'B::1::2': { b: '2' }, 'B::1::42': { b: '42' } },
    ['B::2::2', 'B::something::2', 'B::1'],
  ],
  [
    'RM5',
    'B::[a]::2',
    { 'B::test::2': { a: 'test' }, 'B::1::2': { a: '1' }, [`B::${long}::2`]: { a: long } },
    ['B::test::3', 'B::test', 'B::::2', 'B::x::y::2'],
    'the placeholder takes one segment, also where it is the last',
  ],
  [
    'RM6',
    'B::[a]::1::[b]',
    { 'B::test::1::2': { a: 'test', b: '2' } },
    ['B::test::2::2', 'B::test::1'],
  ],
  ['RM7', 'B::1::2::[c]', { 'B::1::2::foo': { c: 'foo' } }, ['B::1::3::test', 'B::1::2']],
  [
    'RM8',
    'A::[x]::B::[y]::C',
    { 'A::test::B::foo::C': { x: 'test', y: 'foo' } },
    ['A::test::B::foo::D', 'A::test::C::foo::B'],
  ],
  [
    'RM9',
    'B::[a]::test::2',
    { 'B::foo::test::2': { a: 'foo' } },
    ['B::foo::test::3', 'B::foo::TEST::2'],
  ],
  [
    'RM10',
    'task::[id]::[status]',
    { 'task::12345::done': { id: '12345', status: 'done' } },
    ['task::12345'],
  ],
  [
    'RM11',
    'A::[x]',
    { 'A::x': { x: 'x' } },
    ['A::', 'A::x::y'],
    'the last placeholder is never empty and takes one segment',
  ],
  ['RM11', 'A::[...x]', { 'A::x': { x: 'x' }, 'A::x::y': { x: 'x::y' } }, ['A::', 'A', 'A::x::']],
  ['RM12', 'B::[a]::[b]::[c]', {}, ['B::test::2']],
  [
    'RM13',
    'build::[project]::[version]',
    { 'build::myapp::1.0.0': { project: 'myapp', version: '1.0.0' } },
    ['deploy::prod', 'buildX::myapp::1.0.0'],
  ],
  ['RM13', 'deploy::[env]::[version]', {}, ['deploy::prod']],
  ['RM13', 'a.b::[c]', { 'a.b::x': { c: 'x' } }, ['aXb::x']],
  [
    'RM14',
    'k8s.build-image::[target]::frontend',
    { 'k8s.build-image::stage::frontend': { target: 'stage' } },
    ['k8s.build-image::stage::backend'],
  ],
];

for (const [id, text, fits, fitsNot, changed] of vectors) {
  const rule = changed === undefined ? '' : `(changed: ${changed}) `;
  row(id, `${rule}the pattern ${text} fits what it is to fit, and gives its values`, () => {
    const pattern = parsePattern(text, '::');
    const trie = new PatternTrie<string>();
    trie.add(pattern, text);
    for (const name of [...Object.keys(fits), ...fitsNot]) {
      const values = fits[name];
      const found = matchPattern(pattern, name);
      assert.deepEqual(found === undefined ? found : { ...found }, values, name);
      const filed = trie.matches(name).map((match) => ({ ...match.values }));
      assert.deepEqual(filed, values === undefined ? [] : [values], `${name} in a trie`);
    }
  });
}

endOfRows(import.meta.url);
