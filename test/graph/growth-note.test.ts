import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Catalog } from '../../lib/graph/graph.ts';
import { type Growth, growGraph } from '../../lib/graph/grow-graph.ts';
import { noteOf } from '../../lib/graph/growth-note.ts';
import { RecalledGrowth } from '../../lib/graph/recalled-growth.ts';
import type { Definition } from '../../lib/model/definition.ts';
import type { GraphNode } from '../../lib/model/node.ts';
import { catalogOf, define, deps, group, rdep } from './catalog.ts';

function grown(names: readonly string[], catalog: Catalog): Growth {
  return growGraph(new Map(), names, catalog);
}

function noted(names: readonly string[], catalog: Catalog): string | undefined {
  return noteOf(names, catalog, grown(names, catalog));
}

/** What a catalog recalls of what another one has noted. */
function recalled(
  names: readonly string[],
  before: Catalog,
  now: Catalog,
): RecalledGrowth | undefined {
  const text = noted(names, before);
  assert.ok(text !== undefined, 'nothing was noted');
  const found = RecalledGrowth.of(Buffer.from(text), names, now);
  return found?.isAsBefore() === true ? found : undefined;
}

/** All of a node that says what it is; functions among inputs are made anew for each. */
function told(node: GraphNode): object {
  assert.ok(node.kind === 'task');
  const { context, definition, inputs, ...rest } = node;
  return { ...rest, definition: definition.name, inputs: inputs.map(String), name: context.name };
}

function numbers(recall: RecalledGrowth): number[] {
  return Array.from({ length: recall.size }, (_, at) => at);
}

function assertSame(recall: RecalledGrowth, growth: Growth): void {
  const all = numbers(recall);
  const met = all.toSorted((a, b) => recall.rankAt(a) - recall.rankAt(b));
  assert.deepEqual(
    met.map((at) => told(recall.nodeAt(at))),
    growth.added.map(told),
  );
  assert.deepEqual(
    all.map((at) => recall.nameAt(at)),
    growth.depsFirst.map(({ name }) => name),
  );
  assert.deepEqual(recall.wanted, growth.wanted);
}

function tree(count: number, step = 1): Definition {
  return define('copy::[i]', {
    args: new Map([['i', Number]]),
    deps: [
      {
        kind: 'computed',
        depsOf: ({ i }) =>
          [2 * Number(i) + 1, 2 * Number(i) + 1 + step]
            .filter((dep) => dep < count)
            .map((dep) => ({ kind: 'pattern' as const, text: `copy::${dep}` })),
      },
    ],
    inputs: ['src/[i].txt'],
    outputs: ['out/[i].txt'],
  });
}

test('what is recalled is what was worked out', () => {
  const catalog = (): Catalog => catalogOf([tree(20)]);
  const recall = recalled(['copy::0'], catalog(), catalog());
  assert.ok(recall !== undefined);
  assertSame(recall, grown(['copy::0'], catalog()));
  assert.deepEqual(
    numbers(recall).map((at) => recall.numberOf(recall.nameAt(at))),
    numbers(recall),
  );
  assert.equal(recall.numberOf('copy::20'), undefined);
});

const names = ['a', 'b', 'c', 'd', 'e'];
const partsOf = fc.record({
  deps: fc.subarray([...names, 'p::x', 'p::*', 'q::x::y', 'g'], { maxLength: 3 }),
  before: fc.subarray([...names, 'p::[x]'], { maxLength: 1 }),
  outputs: fc.boolean(),
  reads: fc.subarray(names, { maxLength: 1 }),
  isGroup: fc.boolean(),
});

test('whatever can be worked out and noted is recalled as it was', () => {
  let noteCount = 0;
  const choices = new Map([['x', ['x', 'y']]]);
  fc.assert(
    fc.property(fc.array(partsOf, { minLength: 5, maxLength: 5 }), (all) => {
      const catalog = (): Catalog =>
        catalogOf([
          ...all.map((parts, at) =>
            (parts.isGroup ? group : define)(names[at] ?? '', {
              // Most of what goes both ways would be a circle.
              deps: deps(...parts.deps.filter((dep) => dep.length > 1 || dep > (names[at] ?? ''))),
              rdeps: parts.before.map((target) => rdep(target)),
              outputs: parts.outputs ? [`out/${names[at]}`] : [],
              inputs: parts.reads.map((name) => `out/${name}`),
            }),
          ),
          define('p::[x]', { args: choices, deps: deps('q::[x]::z'), inputs: ['q/[x]'] }),
          define('q::[x]::[y]', { defaults: new Map([['n', 1]]), outputs: ['q/[x]'] }),
          group('g', { deps: deps('p::*') }),
        ]);
      const wanted = ['a', 'p::*'];
      try {
        grown(wanted, catalog());
      } catch {
        // Cycles and the like: there is nothing to be noted.
        return;
      }
      noteCount++;
      const recall = recalled(wanted, catalog(), catalog());
      assert.ok(recall !== undefined);
      assertSame(recall, grown(wanted, catalog()));
    }),
    { numRuns: 300 },
  );
  assert.ok(noteCount > 30, `only ${noteCount} of them`);
});

const base: Partial<Definition> = { deps: deps('b'), inputs: ['in'], outputs: ['out'] };

function pair(parts: Partial<Definition> = {}, more: readonly Definition[] = []): Catalog {
  return catalogOf([define('a', { ...base, ...parts }), define('b'), define('c'), ...more]);
}

const changes: readonly [string, Catalog][] = [
  ['a dep more', pair({ deps: deps('b', 'c') })],
  ['another dep', pair({ deps: deps('c') })],
  ['a dep less', pair({ deps: [] })],
  ['a dep that is taken as it is', pair({ deps: [{ kind: 'exact', name: 'b' }] })],
  ['another input', pair({ inputs: ['more'] })],
  ['an input that is a folder and an expression', pair({ inputs: [regex('x')] })],
  ['files to ignore', pair({ ignore: ['in'] })],
  ['another output', pair({ outputs: ['more'] })],
  [
    'an output that gets old',
    pair({ outputs: [{ kind: 'output', path: 'out', maxAgeMs: 1, enforceFreshness: false }] }),
  ],
  ['a reverse dep', pair({ rdeps: [rdep('c')] })],
  ['a lock', pair({ locks: [{ name: 'l', mode: 'shared' }] })],
  ['a wave', pair({ wave: 0 })],
  ['failures that matter', pair({ noFailures: true })],
  ['no skipping', pair({ noSkip: true })],
  ['imports that count', pair({ trackImports: true })],
  ['variables that count', pair({ env: ['HOME'] })],
  ['a service', pair({ service: { readyWhen: { kind: 'port', port: 1 } } as never })],
  ['no action', catalogOf([group('a', base), define('b'), define('c')])],
  ['a definition more, which goes before', pair({}, [define('d', { rdeps: [rdep('a')] })])],
  ['a definition more, of which nothing is said', pair({}, [define('d')])],
  ['another separator', { ...pair(), separator: ':' }],
  ['gulp having tasks', { ...pair(), nativeNames: new Set(['n']) }],
  ['deps that may be missing', { ...pair(), allowMissingDeps: true }],
  ['files that are ignored everywhere', { ...pair(), globalIgnore: ['x'] }],
];

function regex(source: string): Definition['inputs'][number] {
  return { kind: 'regex-files', root: 'src', source, flags: '' };
}

for (const [what, now] of changes) {
  test(`nothing is recalled if there is ${what}`, () => {
    assert.equal(recalled(['a'], pair(), now), undefined);
  });
}

test('other expressions, choices and defaults are told apart', () => {
  const differ = (one: Partial<Definition>, other: Partial<Definition>): void => {
    const of = (parts: Partial<Definition>): Catalog => catalogOf([define('a::[n]', parts)]);
    assert.ok(recalled(['a::1'], of(one), of(one)) !== undefined);
    assert.equal(recalled(['a::1'], of(one), of(other)), undefined);
  };
  differ({ inputs: [regex('a')] }, { inputs: [regex('b')] });
  differ({ args: new Map([['n', ['1', '2']]]) }, { args: new Map([['n', ['1']]]) });
  differ({ args: new Map([['n', ['1']]]) }, { args: new Map([['n', [1]]]) });
  differ({ args: new Map([['n', String]]) }, { args: new Map([['n', Number]]) });
  differ(
    { args: new Map([['n', { pattern: /\d/ }]]) },
    { args: new Map([['n', { pattern: /\d/i }]]) },
  );
  differ({ defaults: new Map([['m', 1]]) }, { defaults: new Map([['m', '1']]) });
});

test('nothing is recalled if a function gives other deps than it gave', () => {
  const names = ['copy::0'];
  assert.equal(recalled(names, catalogOf([tree(20)]), catalogOf([tree(19)])), undefined);
  assert.equal(recalled(names, catalogOf([tree(20)]), catalogOf([tree(20, 2)])), undefined);
  assert.ok(recalled(names, catalogOf([tree(20)]), catalogOf([tree(20)])) !== undefined);
});

test('what a function gives of params, globs and of the same twice is compared as it was given', () => {
  const of = (params: Catalog['params'], last = 'p::*'): Catalog =>
    catalogOf(
      [
        define('a', {
          deps: [
            {
              kind: 'computed',
              depsOf: (_, { params: { env } }) =>
                [`p::${String(env)}`, last, last].map((text) => ({
                  kind: 'pattern' as const,
                  text,
                })),
            },
          ],
        }),
        define('p::[x]', { args: new Map([['x', ['dev', 'prod']]]) }),
      ],
      { params },
    );
  const before = of({ env: 'dev' });
  const recall = recalled(['a'], before, of({ env: 'dev', other: 1 }));
  assert.ok(recall !== undefined);
  assertSame(recall, grown(['a'], of({ env: 'dev', other: 1 })));
  assert.equal(recalled(['a'], before, of({ env: 'prod' })), undefined);
  // Though it comes to the same deps.
  assert.equal(recalled(['a'], before, of({ env: 'dev' }, 'p::prod')), undefined);
});

test('nothing is recalled, and nothing thrown, if a function throws or gives what is no dep', () => {
  const of = (depsOf: () => readonly never[]): Catalog =>
    catalogOf([define('a', { deps: [{ kind: 'computed', depsOf }] })]);
  const fine = of(() => []);
  const failing = of(() => {
    throw new Error('no');
  });
  assert.equal(recalled(['a'], fine, failing), undefined);
  assert.equal(
    recalled(
      ['a'],
      fine,
      of(() => 1 as never),
    ),
    undefined,
  );
  assert.equal(
    recalled(
      ['a'],
      fine,
      of(() => [1 as never]),
    ),
    undefined,
  );
});

test('what functions have a say in, or what is made by hand, is not noted', () => {
  const schema = {
    '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => value },
  };
  const of = (parts: Partial<Definition>): Catalog =>
    catalogOf([define('a'), define('b::[n]', parts)]);
  assert.ok(noted(['a'], of({})) !== undefined);
  assert.equal(noted(['a'], of({ args: new Map([['n', () => ['1']]]) })), undefined);
  assert.equal(noted(['a'], of({ args: new Map([['n', schema as never]]) })), undefined);
  assert.equal(noted(['a'], of({ outputs: [() => ['x']] })), undefined);
  assert.equal(noted(['a'], of({ defaults: new Map([['m', {}]]) })), undefined);
  const definition = define('c');
  const instances = new Map([['c', { definition, rawArgs: {} }]]);
  assert.equal(noted(['a'], { ...of({}), instances }), undefined);
});

test('what runs in waves or keeps running, and tasks of gulp, are not noted', () => {
  const readyWhen = { kind: 'port', port: 1 };
  const parts: readonly Partial<Definition>[] = [
    { wave: 1 },
    { noFailures: true },
    { service: { readyWhen } as never },
    { deps: deps('native') },
  ];
  for (const each of parts) {
    const catalog = catalogOf([define('a', each)], { nativeNames: new Set(['native']) });
    assert.equal(noted(['a'], catalog), undefined, JSON.stringify(each));
  }
});

test('a note that is damaged, of other names or of another form is not used', () => {
  const text = Buffer.from(noted(['a'], pair()) ?? '');
  assert.ok(RecalledGrowth.of(text, ['a'], pair()) !== undefined);
  assert.equal(RecalledGrowth.of(text, ['b'], pair()), undefined);
  for (let at = 0; at < text.length; at += 7) {
    const flipped = Buffer.from(text);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    assert.equal(RecalledGrowth.of(flipped, ['a'], pair()), undefined, `byte ${at}`);
    assert.equal(RecalledGrowth.of(text.subarray(0, at), ['a'], pair()), undefined);
  }
});

test('names and arguments may hold any character', () => {
  const of = (): Catalog =>
    catalogOf([
      define('ä::[n]', { args: new Map([['n', { pattern: /.*/s }]]), deps: deps('ü') }),
      define('ü'),
    ]);
  const wanted = ['ä::"x\u{1f600}', 'ä::é'];
  const recall = recalled(wanted, of(), of());
  assert.ok(recall !== undefined);
  assertSame(recall, grown(wanted, of()));
});
