import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendGraph } from '../../lib/graph/extend-graph.ts';
import { growGraph } from '../../lib/graph/grow-graph.ts';
import type { Definition } from '../../lib/model/definition.ts';
import type { GraphNode } from '../../lib/model/node.ts';
import { catalogOf, codesOf, define, deps, problemsOf, rdep } from './catalog.ts';

type Parts = Partial<Definition>;

/** What a request for both says when `reader` and `maker` say so of themselves. */
function codesFor(reader: Parts, maker: Parts, globalIgnore: readonly string[] = []): string[] {
  const catalog = catalogOf([define('reader', reader), define('maker', maker)], { globalIgnore });
  const codes = codesOf(() => growGraph(new Map(), ['reader', 'maker'], catalog));
  const turned = codesOf(() => growGraph(new Map(), ['maker', 'reader'], catalog));
  assert.deepEqual(turned, codes);
  return codes;
}

const regex = (root: string, source: string) =>
  ({ kind: 'regex-files', root, source, flags: '' }) as const;

test('a declared input that another task makes is missing-dep-edge, in whatever way it is said', () => {
  const meets: [input: Definition['inputs'][number], output: string][] = [
    ['dist/a', 'dist/a'],
    ['./dist//a', 'dist/a'],
    ['dist/*', 'dist/a'],
    ['dist/**/*.js', 'dist/deep/er/a.js'],
    ['**/*', 'dist/a'],
    ['dist', 'dist/a'],
    ['dist/a', 'dist'],
    ['dist/a/*', 'dist'],
    ['dist/a', 'dist/*'],
    ['dist', 'dist/*'],
    ['dist/*.js', 'dist/*.js'],
    ['.', 'dist/a'],
    ['dist/\\[a\\]', 'dist/\\[a\\]'],
    [regex('dist', '^a'), 'dist/abc'],
    [regex('.', 'abc$'), 'dist/abc'],
  ];
  for (const [input, output] of meets) {
    assert.deepEqual(
      codesFor({ inputs: [input] }, { outputs: [output] }),
      ['missing-dep-edge'],
      `${JSON.stringify(input)} and ${output}`,
    );
  }
});

test('paths without a file in common need no dep', () => {
  const apart: [input: Definition['inputs'][number], output: string][] = [
    ['src/a', 'dist/a'],
    ['dist/*', 'dist/deep/a'],
    ['dist/*.js', 'dist/a.css'],
    ['dist/a', 'dist/ab'],
    ['dist/ab', 'dist/a'],
    [regex('dist', '^b'), 'dist/abc'],
    [regex('src', 'abc'), 'dist/abc'],
    [() => ['dist/a'], 'dist/a'],
  ];
  for (const [input, output] of apart) {
    assert.deepEqual(codesFor({ inputs: [input] }, { outputs: [output] }), [], `${output}`);
  }
});

test('what a task leaves out of its inputs needs no dep', () => {
  const maker = { outputs: ['dist/a.js'] };
  assert.deepEqual(codesFor({ inputs: ['**/*', '!dist/**'] }, maker), []);
  assert.deepEqual(codesFor({ inputs: ['**/*'], ignore: ['dist'] }, maker), []);
  assert.deepEqual(codesFor({ inputs: ['**/*'], ignore: ['**/*.js'] }, maker), []);
  assert.deepEqual(codesFor({ inputs: ['**/*'] }, maker, ['dist/**']), []);
  assert.deepEqual(codesFor({ inputs: ['**/*'], ignore: ['src'] }, maker), ['missing-dep-edge']);
});

test('the error names both tasks, the file and the dep to write', () => {
  const catalog = catalogOf([
    define('reader', { inputs: ['dist/*'] }),
    define('maker', { outputs: ['dist/a'] }),
  ]);
  const [problem] = problemsOf(() => growGraph(new Map(), ['reader', 'maker'], catalog));
  assert.match(problem?.text ?? '', /'reader' reads 'dist\/a', which 'maker' makes/);
  assert.match(problem?.hint ?? '', /\.deps\('maker'\)/);
});

test('a dep is enough, and so is a reverse dep', () => {
  assert.deepEqual(
    codesFor({ inputs: ['dist/a'], deps: deps('maker') }, { outputs: ['dist/a'] }),
    [],
  );
  assert.deepEqual(
    codesFor({ inputs: ['dist/a'] }, { outputs: ['dist/a'], rdeps: [rdep('reader')] }),
    [],
  );
});

test('a task that reads by way of others has the makers noted, and no others', () => {
  const catalog = catalogOf([
    define('top', { inputs: ['dist/a', 'dist/near'], deps: deps('middle', 'near') }),
    define('middle', { deps: deps('maker') }),
    define('near', { outputs: ['dist/near'] }),
    define('maker', { outputs: ['dist/a'] }),
  ]);
  const { added } = growGraph(new Map(), ['top'], catalog);
  const makers = added.map((node) => [node.name, node.kind === 'task' ? node.makers : []]);
  assert.deepEqual(Object.fromEntries(makers), { top: ['maker'], middle: [], near: [], maker: [] });
});

test('it holds between a graph and what is added to it, in both directions', () => {
  const reader = define('reader', { inputs: ['dist/a'] });
  const maker = define('maker', { outputs: ['dist/a'] });
  const catalog = catalogOf([reader, maker]);
  for (const [first, second] of [
    ['reader', 'maker'],
    ['maker', 'reader'],
  ] as const) {
    const graph = new Map<string, GraphNode>();
    extendGraph(graph, growGraph(graph, [first], catalog));
    assert.deepEqual(
      codesOf(() => growGraph(graph, [second], catalog)),
      ['missing-dep-edge'],
    );
  }
});

test('a dep that a task of the graph has got since counts', () => {
  const catalog = catalogOf([
    define('reader', { inputs: ['dist/a'] }),
    define('early', { rdeps: [rdep('reader', 'when-scheduled')], deps: deps('maker') }),
    define('maker', { outputs: ['dist/a'] }),
  ]);
  const graph = new Map<string, GraphNode>();
  extendGraph(graph, growGraph(graph, ['reader'], catalog));
  extendGraph(graph, growGraph(graph, ['early'], catalog));
  assert.deepEqual(
    codesOf(() => growGraph(graph, ['maker'], catalog)),
    [],
  );
});

test('thousands of tasks that read what others make are checked in one pass', () => {
  const count = 5000;
  const definitions = Array.from({ length: count }, (_, index) => {
    const makers = index === 0 ? [] : [`task${index - 1}`];
    return define(`task${index}`, {
      inputs: ['src/**/*', ...makers.map((name) => `dist/${name}`)],
      outputs: [`dist/task${index}`],
      deps: deps(...makers),
    });
  });
  const { added } = growGraph(new Map(), [`task${count - 1}`], catalogOf(definitions));
  assert.equal(added.length, count);
});
