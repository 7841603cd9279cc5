import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FunctionDefinition } from './function-source.ts';
import type { Cost, FunctionEntry } from './job.ts';
import { EncodingError } from './pool-errors.ts';

/**
 * A function that a module exports, by name: what a worker imports for itself (billiard: pickling
 * by reference). `module` is a `file:` URL, an absolute path or the name of a package.
 */
export interface FunctionRef<
  Args extends readonly unknown[] = readonly unknown[],
  Result = unknown,
> {
  readonly module: string | URL;
  readonly export: string;
  /** Never there; carries the types. */
  readonly signature?: (...args: Args) => Result;
}

/**
 * What a job can call: a reference, or a function that is sent as source text and therefore may use
 * nothing but its arguments, globals, `import()` and `require()`.
 */
export type Callable<Args extends readonly unknown[], Result> =
  | ((...args: Args) => Result)
  | FunctionRef<Args, Result>;

/** References to all functions of a module, typed as these are. */
export type ModuleRefs<Module> = {
  readonly [Name in keyof Module as Module[Name] extends (...args: never[]) => unknown
    ? Name
    : never]: Module[Name] extends (...args: infer Args) => infer Result
    ? FunctionRef<Args, Result>
    : never;
};

/**
 * References to the functions of a module, without importing it here (new):
 * `const jobs = moduleRefs<typeof import('./jobs.ts')>(new URL('./jobs.ts', import.meta.url))`,
 * then `pool.map(jobs.resize, files)`.
 */
export function moduleRefs<Module>(module: string | URL): ModuleRefs<Module> {
  const refs = new Map<string, FunctionRef>();
  return new Proxy({} as ModuleRefs<Module>, {
    get: (_, name) => {
      if (typeof name !== 'string' || name === 'then') return undefined;
      const ref = refs.get(name) ?? Object.freeze({ module, export: name });
      refs.set(name, ref);
      return ref;
    },
  });
}

/** A function as the pools of this process know it. */
export interface KnownFunction extends FunctionEntry {
  readonly definition: FunctionDefinition;
  readonly cost: Cost;
}

const byIdentity = new WeakMap<object, KnownFunction>();
const byText = new Map<string, KnownFunction>();
let lastId = 0;

/**
 * What workers are told about `fn`.
 *
 * @throws EncodingError If its source is not to be had. @throws TypeError If it is no function.
 */
export function knownFunction(fn: unknown, what = 'fn'): KnownFunction {
  let known = byIdentity.get(fn as object);
  if (known !== undefined) return known;
  known = knownBy(typeof fn === 'function' ? sourceOf(fn, what) : referenceOf(fn, what));
  // A reference that may still change has to be looked at each time.
  if (typeof fn === 'function' || Object.isFrozen(fn)) byIdentity.set(fn as object, known);
  return known;
}

/** An arrow function written into a loop is a new one each time, with the same text. */
function knownBy(definition: FunctionDefinition): KnownFunction {
  const key =
    definition.kind === 'source'
      ? `${definition.name} ${definition.source}`
      : `${definition.module}#${definition.export}`;
  let known = byText.get(key);
  if (known === undefined) {
    known = { id: ++lastId, definition, cost: { ms: undefined } };
    byText.set(key, known);
  }
  return known;
}

function sourceOf(fn: object & { name?: unknown }, what: string): FunctionDefinition {
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    throw new EncodingError(what, 'it is bound or built in, so that its source is not known.');
  }
  if (/^class\b/.test(source)) throw new EncodingError(what, 'it is a class.');
  return { kind: 'source', source, name: String(fn.name || 'anonymous') };
}

function referenceOf(
  fn: unknown,
  what: string,
): Extract<FunctionDefinition, { readonly kind: 'module' }> {
  const { module, export: name } = (fn ?? {}) as Partial<Record<'module' | 'export', unknown>>;
  const isModule = typeof module === 'string' || module instanceof URL;
  if (!isModule || typeof name !== 'string') {
    const message = `${what} is no function. Give a function, or { module, export } with the URL of a module and a name that it exports.`;
    throw new TypeError(message);
  }
  return { kind: 'module', module: specifierOf(module, what), export: name };
}

function specifierOf(module: string | URL, what: string): string {
  if (module instanceof URL) return module.href;
  if (isAbsolute(module)) return pathToFileURL(module).href;
  if (!module.startsWith('.')) return module;
  const message = `${what}.module is '${module}', and nobody knows relative to what. Write new URL('${module}', import.meta.url).`;
  throw new TypeError(message);
}
