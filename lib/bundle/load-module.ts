import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { debuglog } from 'node:util';
import { Script } from 'node:vm';
import { keepCompiled, readCodeCache } from './code-cache.ts';
import { type Core, loadedCores } from './cores.ts';

type CoreFunction = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  dirname: string,
  importLate: (specifier: string) => Promise<unknown>,
  other: (path: string, names: readonly string[]) => object,
) => void;

/** By `NODE_DEBUG=parproc`. */
const debug = debuglog('parproc');

/** Told by `scripts/bundle.mjs`: a digest of both cores. */
declare const coreEdition: string;
/** All of this package is in two files; the first is what a run with nothing to do needs. */
type CoreName = 'core' | 'rest';

/**
 * Gives the exports of a module of this package. Whatever a process loads, and however often a loader loads
 * this, it has each file once: so classes are the same everywhere.
 */
export function loadModule(name: CoreName, path: string): object {
  const core = coreNamed(name);
  const module = core.modules[path];
  if (module === undefined) throw new Error(`Internal error: there is no module '${path}'`);
  return module();
}

function coreNamed(name: CoreName): Core {
  const file = join(__dirname, `${name}.cjs`);
  const cores = loadedCores();
  const known = cores.get(file);
  if (known !== undefined) return known.core;
  const loaded = load(file, name === 'core' ? 'rest' : 'core');
  cores.set(file, loaded);
  return loaded.core;
}

function load(file: string, other: CoreName): { core: Core; keep: () => void } {
  const cache = readCodeCache(file, coreEdition);
  // All of it is ASCII, which is quicker to read as Latin 1.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cache.code !== undefined && { cachedData: cache.code }),
  });
  const core = run(script, file, other);
  const isUsed = script.cachedDataRejected === false;
  const before = cache.code === undefined ? 'nothing' : isUsed ? 'used' : 'rejected';
  debug('%s compiled before: %s', basename(file), before);
  const found = isUsed ? cache : { ...cache, code: undefined };
  const keep = (): void => keepCompiled(script, core.loaded, found);
  process.once('exit', keep);
  return { core, keep };
}

function run(script: Script, file: string, other: CoreName): Core {
  const module = { exports: {} };
  const fn = script.runInThisContext() as CoreFunction;
  const fromOther: Parameters<CoreFunction>[6] = (path, names) => lateModule(other, path, names);
  fn(module.exports, createRequire(file), module, file, dirname(file), importHere, fromOther);
  return module.exports as Core;
}

/** The exports of a module that is loaded when one of them is first used. */
function lateModule(name: CoreName, path: string, names: readonly string[]): object {
  const late = { __esModule: true };
  for (const each of names) {
    const get = (): unknown => {
      if (name === 'rest') debug('late: %s', path);
      const value = (loadModule(name, path) as Readonly<Record<string, unknown>>)[each];
      Object.defineProperty(late, each, { value });
      return value;
    };
    Object.defineProperty(late, each, { get, enumerable: true, configurable: true });
  }
  return late;
}

/**
 * From the folder of the core. Its own code cannot: V8 does not say of what comes out of its cache in which file
 * that stands.
 */
function importHere(specifier: string): Promise<unknown> {
  return import(specifier);
}
