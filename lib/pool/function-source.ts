import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import vm from 'node:vm';
import { importLate } from '../base/import-late.ts';
import type { JobFunction } from './run-job.ts';

/** How a worker gets at a task function. */
export type FunctionDefinition =
  /** `module` is a URL, or the name of a package as seen from the working directory. */
  | { readonly kind: 'module'; readonly module: string; readonly export: string }
  | { readonly kind: 'source'; readonly source: string; readonly name: string };

/**
 * The function that `definition` stands for.
 *
 * @throws If the module cannot be imported, or has no such function.
 */
export async function functionOf(definition: FunctionDefinition): Promise<JobFunction> {
  if (definition.kind === 'source') return explained(compiled(definition), definition.name);
  const { module, export: name } = definition;
  const exports = await (module.includes(':') ? importLate<Exports>(module) : importer()(module));
  const found =
    exports[name] ?? (exports['default'] as Record<string, unknown> | undefined)?.[name];
  if (typeof found === 'function') return found as JobFunction;
  const names = Object.keys(exports).join(', ');
  throw new TypeError(`'${module}' exports no function '${name}'. It exports: ${names}.`);
}

type Exports = Record<string, unknown>;
type Import = (module: string) => Promise<Exports>;

let cachedImport: Import | undefined;

/** `import()` as a module in the working directory would see it. */
function importer(): Import {
  cachedImport ??= scriptOf('(module) => import(module)', 'parproc') as Import;
  return cachedImport;
}

/** Source text of a function may be that of a method, which is no expression by itself. */
function compiled({ source, name }: { source: string; name: string }): JobFunction {
  const require = createRequire(join(process.cwd(), 'parproc.js'));
  // Compilers put calls of `__name` into functions that they keep the names of.
  const wrap = (text: string): string => `(function (require, __name) { return (${text}\n); })`;
  let make: unknown;
  try {
    make = scriptOf(wrap(source), name);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    make = scriptOf(wrap(`Object.values({ ${source} })[0]`), name);
  }
  return (make as (...args: unknown[]) => JobFunction)(require, (fn: unknown) => fn);
}

function scriptOf(source: string, name: string): unknown {
  const filename = join(process.cwd(), `${name.replaceAll(/\W/g, '') || 'anonymous'}.job.js`);
  muteLoaderWarning();
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return new vm.Script(source, { filename, importModuleDynamically }).runInThisContext();
}

let isMuted = false;

/** Node calls that constant experimental, once per process; users can do nothing about it. */
function muteLoaderWarning(): void {
  if (isMuted) return;
  isMuted = true;
  const emitWarning = process.emitWarning as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]): void => {
    if (!String(args[0]).startsWith('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER')) emitWarning(...args);
  };
}

/** A free variable is the usual mistake, and `x is not defined` alone would not say why. */
function explained(fn: JobFunction, name: string): JobFunction {
  const call = fn as (...args: unknown[]) => unknown;
  const explain = (error: unknown): unknown => {
    if (!(error instanceof ReferenceError) || error.message.includes('\n')) return error;
    const { message, stack } = error;
    error.message += `\nThe function '${name}' was sent as source text, without what stands around it: import what it needs inside of it, or name it as { module, export }.`;
    if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
    return error;
  };
  return (...args: unknown[]) => {
    try {
      const returned = call(...args);
      if (!(returned instanceof Promise)) return returned;
      return returned.catch((error: unknown) => {
        throw explain(error);
      });
    } catch (error) {
      throw explain(error);
    }
  };
}
