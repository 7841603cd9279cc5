import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendGraph } from '../../lib/graph/extend-graph.ts';
import { growGraph } from '../../lib/graph/grow-graph.ts';
import type { Definition } from '../../lib/model/definition.ts';
import type { GraphNode } from '../../lib/model/node.ts';
import { catalogOf, codesOf, define, deps, group, problemsOf, rdep } from './catalog.ts';

function wavesOf(definitions: readonly Definition[], ...wanted: string[]): Record<string, number> {
  const catalog = catalogOf(definitions, { nativeNames: new Set(['native']) });
  const { added } = growGraph(new Map(), wanted, catalog);
  return Object.fromEntries(
    added.flatMap((node) => (node.kind === 'task' ? [[node.name, node.wave]] : [])),
  );
}

test('W2: a dep in a later wave is wave-inversion, which names both and the reason', () => {
  const all = [define('high_wave', { wave: 2 }), define('low', { deps: deps('high_wave') })];
  const [problem, ...others] = problemsOf(() => wavesOf(all, 'low'));
  assert.equal(problem?.code, 'wave-inversion');
  assert.match(problem.text, /'low' .*cannot depend on 'high_wave'/);
  assert.match(problem.text, /deps must have an equal or lower wave, to avoid deadlock/);
  assert.deepEqual(others, []);
});

test('a group is in the highest wave of its deps, through groups as well', () => {
  const all = [
    define('one', { wave: 1 }),
    define('three', { wave: 3 }),
    group('inner', { deps: deps('one', 'three', 'native') }),
    group('outer', { deps: deps('one', 'inner') }),
  ];
  assert.deepEqual(wavesOf(all, 'outer'), { outer: 3, inner: 3, one: 1, three: 3 });
});

test('a group of natives, or of nothing, is in wave 0', () => {
  const all = [group('empty'), group('natives', { deps: deps('native') })];
  assert.deepEqual(wavesOf(all, 'empty', 'natives'), { empty: 0, natives: 0 });
});

test('a group may have negative waves below it, and a wave of its own', () => {
  const all = [
    define('early', { wave: -2 }),
    group('with', { deps: deps('early') }),
    group('own', { deps: deps('early'), wave: 4 }),
  ];
  assert.deepEqual(wavesOf(all, 'with', 'own'), { with: -2, own: 4, early: -2 });
});

test('what goes before a task by a reverse dep counts as its dep', () => {
  const all = [define('target'), define('late', { wave: 1, rdeps: [rdep('target')] })];
  assert.deepEqual(
    codesOf(() => wavesOf(all, 'target')),
    ['wave-inversion'],
  );
});

test('so does what goes before a task that was in the graph', () => {
  const all = [define('target'), define('late', { wave: 1, rdeps: [rdep('target')] })];
  const graph = new Map<string, GraphNode>();
  extendGraph(graph, growGraph(graph, ['target'], catalogOf([define('target')])));
  assert.deepEqual(
    codesOf(() => growGraph(graph, ['late'], catalogOf(all))),
    ['wave-inversion'],
  );
});
