import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dependantsIn } from '../../lib/graph/dependants.ts';
import type { GraphNode } from '../../lib/model/node.ts';
import { usersOfService, waysToServices } from '../../lib/run/service-ways.ts';

/** `name: deps`; names in capitals are services, those that begin with `g` are groups. */
function graphOf(table: Readonly<Record<string, readonly string[]>>): Map<string, GraphNode> {
  const nodes = Object.entries(table).map(([name, deps]) => {
    const isService = name === name.toUpperCase();
    const definition = {
      ...(!name.startsWith('g') && { action: {} }),
      ...(isService && { service: {} }),
    };
    return [name, { kind: 'task', name, deps, definition } as unknown as GraphNode] as const;
  });
  return new Map(nodes);
}

const graph = graphOf({
  DB: [],
  API: ['DB'],
  gApi: ['API'],
  gBoth: ['gApi', 'lint'],
  lint: [],
  test: ['gBoth'],
  after: ['test'],
  unit: ['lint'],
});

function ways(
  users: readonly string[],
  wanted: readonly string[],
  out: readonly string[],
): string[] {
  const found = waysToServices(
    { users, wanted },
    (name) => graph.get(name),
    (name) => out.includes(name),
  );
  return [...found].sort();
}

test('what a task needs by way of groups and services is found, with what lies between', () => {
  assert.deepEqual(ways(['test'], [], ['DB']), ['API', 'DB', 'gApi', 'gBoth']);
  assert.deepEqual(ways(['test'], [], ['API']), ['API', 'gApi', 'gBoth']);
  assert.deepEqual(ways(['API'], [], ['API', 'DB']), ['DB']);
});

test('what stands behind a task with an action is the affair of that task', () => {
  assert.deepEqual(ways(['after', 'unit'], [], ['API', 'DB']), []);
});

test('a service or a group that is wanted itself counts, a task with an action does not', () => {
  assert.deepEqual(ways([], ['API'], ['API']), ['API']);
  assert.deepEqual(ways([], ['gApi'], ['DB']), ['API', 'DB', 'gApi']);
  assert.deepEqual(ways([], ['test'], ['API', 'DB']), []);
});

test('the users of a service are those that need it themselves or by way of groups', () => {
  const users = (name: string): string[] =>
    usersOfService(name, (each) => graph.get(each), dependantsIn(graph));
  assert.deepEqual(users('DB'), ['API']);
  assert.deepEqual(users('API'), ['test']);
});
