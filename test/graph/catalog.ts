import type { Catalog } from '../../lib/graph/graph.ts';
import type { Definition } from '../../lib/model/definition.ts';
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
    locks: [],
    noSkip: false,
    inProcess: false,
    action: { kind: 'action', run: () => undefined },
    ...parts,
  };
}

/** Deps as `.deps()` makes them from strings. */
export function deps(...names: string[]): Definition['deps'] {
  return names.map((text) => ({ kind: 'pattern', text }));
}

/** What names can stand for. */
export function catalogOf(definitions: readonly Definition[], natives: string[] = []): Catalog {
  return {
    separator: '::',
    definitions: new Map(definitions.map((each) => [each.name, each])),
    nativeNames: new Set(natives),
  };
}
