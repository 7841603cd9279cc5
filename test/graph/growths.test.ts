import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendGraph } from '../../lib/graph/extend-graph.ts';
import { growGraph } from '../../lib/graph/grow-graph.ts';
import type { GraphNode } from '../../lib/model/node.ts';
import { catalogOf, codesOf, define, deps, problemsOf, rdep } from './catalog.ts';

const all = catalogOf([
  define('a', { deps: deps('b'), outputs: ['dist/x'] }),
  define('b'),
  define('other', { outputs: ['dist/x'] }),
  define('c::[n]', { outputs: ['dist/[n]'] }),
  define('own', { inputs: ['src/x'], outputs: ['./src/x'] }),
]);

function graphOf(...names: string[]): Map<string, GraphNode> {
  const graph = new Map<string, GraphNode>();
  for (const name of names) extendGraph(graph, growGraph(graph, [name], all));
  return graph;
}

test('what is in the graph is wanted, but not added again', () => {
  const growth = growGraph(graphOf('b'), ['b', 'a', 'a'], all);
  assert.deepEqual(growth.wanted, ['b', 'a']);
  assert.deepEqual(
    growth.added.map(({ name }) => name),
    ['a'],
  );
});

test('a growth changes nothing, whether it is used or not', () => {
  const graph = graphOf('b');
  const before = [...graph];
  growGraph(graph, ['a'], all);
  assert.deepEqual([...graph], before);
  // Had the first left a trace, the second would overlap with it.
  assert.deepEqual(
    codesOf(() => growGraph(graph, ['other'], all)),
    [],
  );
});

test('an output of a task in the graph overlaps with that of a new one', () => {
  const [problem] = problemsOf(() => growGraph(graphOf('a'), ['other'], all));
  assert.equal(problem?.code, 'overlapping-outputs');
  assert.match(problem.text, /'a' and 'other' both make 'dist\/x'/);
});

test('a graph may be extended by whoever owns it', () => {
  const graph = graphOf('b');
  for (const node of growGraph(graph, ['a'], all).added) graph.set(node.name, node);
  assert.deepEqual(
    codesOf(() => growGraph(graph, ['other'], all)),
    ['overlapping-outputs'],
  );
});

test('a path that is an input and an output of one task is overlapping-outputs', () => {
  assert.deepEqual(
    codesOf(() => growGraph(new Map(), ['own'], all)),
    ['overlapping-outputs'],
  );
});

test('a node that gets deps is replaced once, and its list is not that of the definition', () => {
  const catalog = catalogOf([
    define('end', { deps: deps('b') }),
    define('b'),
    define('s::[n]', { rdeps: [rdep('end')] }),
  ]);
  const graph = new Map<string, GraphNode>();
  extendGraph(graph, growGraph(graph, ['end'], catalog));
  const first = graph.get('end');
  for (const n of [1, 2, 3]) extendGraph(graph, growGraph(graph, [`s::${n}`], catalog));
  assert.deepEqual(graph.get('end')?.deps, ['b', 's::1', 's::2', 's::3']);
  assert.deepEqual(first?.deps, ['b']);
});

test('what has begun is not searched for cycles: it leads to nothing that could get a dep', () => {
  const begun = new Set(['old']);
  const early = [define('old', { deps: deps('older') }), define('older'), define('target')];
  const late = define('late', { deps: deps('old'), rdeps: [rdep('target')] });
  const graph = new Map<string, GraphNode>();
  extendGraph(graph, growGraph(graph, ['old', 'target'], catalogOf(early)));
  const asked: string[] = [];
  growGraph(graph, ['late'], catalogOf([...early, late]), (name) => {
    asked.push(name);
    return begun.has(name);
  });
  assert.deepEqual(new Set(asked), new Set(['target', 'old']));
});

test('many requests with one name each make one graph', () => {
  const count = 20_000;
  const graph = new Map<string, GraphNode>();
  for (let n = 0; n < count; n++) extendGraph(graph, growGraph(graph, [`c::${n}`], all));
  assert.equal(graph.size, count);
});
