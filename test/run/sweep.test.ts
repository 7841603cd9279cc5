import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../lib/cache/verdict.ts';
import type { GraphNode, TaskNode } from '../../lib/model/node.ts';
import { needsOf, sweep } from '../../lib/run/sweep.ts';
import { define, nodeOf } from '../graph/catalog.ts';

function node(name: string, deps: string[] = [], parts: Partial<TaskNode> = {}): TaskNode {
  return nodeOf(define(name, parts.definition), { name, deps, wave: 0, ...parts });
}

function outcomeOf(digest: string | undefined): Outcome | undefined {
  return digest === undefined ? undefined : { value: undefined, digest };
}

/** What is swept of `nodes` if `stale` are not up to date, and what was looked at for it. */
function swept(
  nodes: readonly GraphNode[],
  stale: readonly string[] = [],
  ended: Readonly<Record<string, string>> = {},
): { fresh: string[]; looks: string[] } {
  const looks: string[] = [];
  const fresh = sweep(nodes, {
    outcomeOf: (dep) => outcomeOf(ended[dep]),
    freshOutcome(each, digests) {
      const needs = needsOf(each).map((name, at) => `${name}=${digests[at]}`);
      looks.push(`${each.name}(${needs.join(' ')})`);
      return outcomeOf(stale.includes(each.name) ? undefined : `of ${each.name}`);
    },
  });
  return { fresh: fresh.map(({ node: { name } }) => name), looks };
}

test('deps are looked at before what needs them, whose digests it is given', () => {
  const nodes = [
    node('top', ['left', 'right']),
    node('left', ['leaf']),
    node('right'),
    node('leaf'),
  ];
  assert.deepEqual(swept(nodes), {
    fresh: ['leaf', 'left', 'right', 'top'],
    looks: ['leaf()', 'left(leaf=of leaf)', 'right()', 'top(left=of left right=of right)'],
  });
});

test('what needs a task that is not up to date is left, what does not is swept', () => {
  const nodes = [node('top', ['a', 'b']), node('a', ['leaf']), node('b'), node('leaf')];
  const { fresh, looks } = swept(nodes, ['leaf']);
  assert.deepEqual(fresh, ['b']);
  assert.deepEqual(looks, ['leaf()', 'b()']);
});

test('the higher waves are left as soon as something of a lower one has to run', () => {
  const nodes = [
    node('late', [], { wave: 1 }),
    node('a'),
    node('b'),
    node('last', [], { wave: 2 }),
  ];
  assert.deepEqual(swept(nodes).fresh, ['a', 'b', 'late', 'last']);
  assert.deepEqual(swept(nodes, ['b']), { fresh: ['a'], looks: ['a()', 'b()'] });
  assert.deepEqual(swept(nodes, ['late']).fresh, ['a', 'b']);
});

test('NO_FAILURES, noSkip, tasks of gulp and what needs them are left', () => {
  const nodes: GraphNode[] = [
    { ...node('careful'), definition: define('careful', { noFailures: true }) },
    { ...node('always'), definition: define('always', { noSkip: true }) },
    { kind: 'native', name: 'gulps', deps: [] },
    node('a', ['careful']),
    node('b', ['always']),
    node('c', ['gulps']),
    node('d'),
  ];
  assert.deepEqual(swept(nodes).fresh, ['d']);
});

test('deps that have ended before count with the digest they have', () => {
  const nodes = [node('a', ['old']), node('b', ['failed'])];
  assert.deepEqual(swept(nodes, [], { old: 'x' }), { fresh: ['a'], looks: ['a(old=x)'] });
});

test('where most has to run it is given up soon', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `t${index}`);
  const { looks } = swept(
    names.map((name) => node(name)),
    names,
  );
  assert.ok(looks.length < 100);
});
