import { sha256 } from '../base/sha256.ts';
import type { ArgSpec, Definition, OutputSpec, PathSpec } from '../model/definition.ts';
import type { Catalog } from './graph.ts';

/** Grows by one whenever the same catalog leads to other graphs than before. */
const version = 1;

/**
 * Tells all of a catalog that graphs depend on, but for what functions in `.deps()` give; undefined if
 * other functions have a say, or tasks that were made by hand: what these come to is not known before.
 */
export function catalogDigest(catalog: Catalog): string | undefined {
  const { separator, definitions, instances, nativeNames, allowMissingDeps } = catalog;
  if (instances.size > 0) return undefined;
  const parts: unknown[] = [];
  for (const definition of definitions.values()) {
    const part = partOf(definition);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const rest = [version, separator, allowMissingDeps, catalog.globalIgnore, [...nativeNames]];
  return sha256(JSON.stringify([...rest, parts]));
}

function partOf(definition: Definition): unknown[] | undefined {
  const { name, deps, rdeps, locks, service, action } = definition;
  const args = [...definition.args].map(([argument, spec]) => [argument, argOf(spec)]);
  const defaults = [...definition.defaults].map(([argument, value]) => [argument, plain(value)]);
  const outputs = definition.outputs.map(pathOf);
  if ([...args, ...defaults].some(([, told]) => told === undefined)) return undefined;
  if (definition.outputs.some((path) => typeof path === 'function')) return undefined;
  return [
    name,
    args,
    defaults,
    deps.map((dep) => (dep.kind === 'computed' ? dep.kind : dep)),
    definition.inputs.map(pathOf),
    definition.ignore.map(pathOf),
    outputs,
    rdeps.map(({ kind, pattern }) => [kind, pattern.text]),
    locks,
    definition.wave ?? null,
    definition.noFailures,
    definition.noSkip,
    definition.trackImports ?? null,
    definition.env,
    service !== undefined,
    action !== undefined,
  ];
}

/** Undefined for what asks a function. */
function argOf(spec: ArgSpec): unknown {
  if (Array.isArray(spec)) return spec.map(plain);
  if (spec === String || spec === Number || spec === Boolean || spec === BigInt) return spec.name;
  const isPattern = typeof spec === 'object' && 'pattern' in spec && !('~standard' in spec);
  return isPattern ? String(spec.pattern) : undefined;
}

/** The value with its type; undefined for what has no text that tells all of it. */
function plain(value: unknown): string | undefined {
  const isTold = ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
  return isTold ? `${typeof value} ${String(value)}` : undefined;
}

/** Functions among inputs are called when a task is checked: the graph does not know what they give. */
function pathOf(path: PathSpec | OutputSpec): unknown {
  return typeof path === 'function' ? null : path;
}
