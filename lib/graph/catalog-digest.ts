import { sha256 } from '../base/sha256.ts';
import { sourceEdition } from '../base/source-edition.ts';
import type { ArgSpec, Definition, PathSpec } from '../model/definition.ts';
import type { Catalog } from './graph.ts';

/**
 * Tells all of a catalog that graphs depend on, and by which code of ours, but for what functions in
 * `.deps()` give; undefined if other functions have a say, or tasks that were made by hand: what these come
 * to is not known before.
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
  const rest = [sourceEdition, separator, allowMissingDeps, catalog.globalIgnore, [...nativeNames]];
  return sha256(JSON.stringify([...rest, parts]));
}

/** What graphs do not depend on. All else is told: whatever is new in definitions has to be here or there. */
type Untold =
  | 'pattern'
  | 'place'
  | 'description'
  | 'timeoutMs'
  | 'softTimeoutMs'
  | 'debounceMs'
  | 'retries'
  | 'logIgnore'
  | 'code'
  | 'now'
  | 'inProcess'
  | 'isolate';

function partOf(
  definition: Definition,
): Record<Exclude<keyof Definition, Untold>, unknown> | undefined {
  const { name, deps, inputs, ignore, outputs, rdeps, locks, service, action } = definition;
  const { wave = null, noFailures, noSkip, trackImports = null, env } = definition;
  const args = [...definition.args].map(([argument, spec]) => [argument, argOf(spec)]);
  const defaults = [...definition.defaults].map(([argument, value]) => [argument, plain(value)]);
  if ([...args, ...defaults].some(([, told]) => told === undefined)) return undefined;
  if (outputs.some((path) => typeof path === 'function')) return undefined;
  return {
    name,
    args,
    defaults,
    deps: deps.map((dep) => (dep.kind === 'computed' ? dep.kind : dep)),
    inputs: inputs.map(pathOf),
    ignore: ignore.map(pathOf),
    outputs,
    rdeps: rdeps.map(({ kind, pattern }) => [kind, pattern.text]),
    locks,
    wave,
    noFailures,
    noSkip,
    trackImports,
    env,
    service: service !== undefined,
    action: action !== undefined,
  };
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
function pathOf(path: PathSpec): unknown {
  return typeof path === 'function' ? null : path;
}
