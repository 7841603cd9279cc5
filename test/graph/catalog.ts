import { DefinitionIndex } from '../../lib/graph/definition-index.ts';
import type { Catalog } from '../../lib/graph/graph.ts';
import type { Growth } from '../../lib/graph/grow-graph.ts';
import type { Definition, ReverseDep } from '../../lib/model/definition.ts';
import { DefinitionError, type Problem } from '../../lib/model/errors.ts';
import type { TaskNode } from '../../lib/model/node.ts';
import { parsePattern } from '../../lib/model/pattern.ts';

const place = { file: '/project/parprocfile.ts', line: 1, column: 1 };

/** A definition that says only what `parts` say. */
export function define(name: string, parts: Partial<Definition> = {}): Definition {
  return {
    name,
    pattern: parsePattern(name, '::'),
    place,
    args: new Map(),
    defaults: new Map(),
    deps: [],
    inputs: [],
    ignore: [],
    outputs: [],
    rdeps: [],
    noFailures: false,
    locks: [],
    env: [],
    logIgnore: [],
    noSkip: false,
    now: false,
    inProcess: false,
    isolate: false,
    action: { kind: 'action', run: () => undefined },
    ...parts,
  };
}

/** Deps as `.deps()` makes them from strings. */
export function deps(...names: string[]): Definition['deps'] {
  return names.map((text) => ({ kind: 'pattern', text }));
}

/** A reverse dep as `.rdeps()` makes one. */
export function rdep(pattern: string, kind: ReverseDep['kind'] = 'always'): ReverseDep {
  return { kind, pattern: parsePattern(pattern, '::') };
}

/** A definition without an action. */
export function group(name: string, parts: Partial<Definition> = {}): Definition {
  const { action: _, ...rest } = define(name, parts);
  return rest;
}

/** What names can stand for. */
export function catalogOf(
  definitions: readonly Definition[],
  parts: Partial<Catalog> = {},
): Catalog {
  const index = new DefinitionIndex();
  for (const each of definitions) index.add(each);
  return {
    separator: '::',
    definitions: new Map(definitions.map((each) => [each.name, each])),
    index,
    instances: new Map(),
    nativeNames: new Set(),
    params: {},
    allowMissingDeps: false,
    globalIgnore: [],
    ...parts,
  };
}

/** A node of a plain definition. */
export function nodeOf(definition: Definition, parts: Partial<TaskNode> = {}): TaskNode {
  const { name } = definition;
  return {
    kind: 'task',
    name,
    definition,
    rawArgs: {},
    args: {},
    deps: [],
    makers: [],
    locks: [],
    wave: 0,
    inputs: [],
    ignore: [],
    outputs: [],
    agingOutputs: [],
    params: {},
    context: { name, params: {} },
    ...parts,
  };
}

/** The deps of all nodes that a growth adds or changes, by name. */
export function edgesOf(growth: Growth): Record<string, readonly string[]> {
  const edges = Object.fromEntries(growth.added.map(({ name, deps }) => [name, deps]));
  for (const { target, dep } of growth.injected) {
    edges[target] = [...(edges[target] ?? []), dep];
  }
  return edges;
}

/** The codes of all problems that `work` throws; none if it throws nothing. */
export function codesOf(work: () => unknown): string[] {
  return problemsOf(work).map(({ code }) => code);
}

/** All problems that `work` throws. */
export function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
}

/** The deps of one node. */
export function at(
  edges: Readonly<Record<string, readonly string[]>>,
  name: string,
): readonly string[] | undefined {
  return edges[name];
}
