import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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
) => void;

/** By `NODE_DEBUG=parproc`. */
const debug = debuglog('parproc');

/** Told by `scripts/bundle.mjs`: a digest of the core. */
declare const coreEdition: string;

/**
 * Gives the exports of a part of this package, all of which is one file. Whatever parts a process loads,
 * and however often a loader loads this, it has the file once: so classes are the same everywhere.
 */
export function loadPart(name: string): object {
  const part = coreAt(join(__dirname, 'core.cjs')).parts[name];
  if (part === undefined) throw new Error(`Internal error: there is no part '${name}'`);
  return part();
}

function coreAt(file: string): Core {
  const cores = loadedCores();
  const known = cores.get(file);
  if (known !== undefined) return known.core;
  const loaded = load(file);
  cores.set(file, loaded);
  return loaded.core;
}

function load(file: string): { core: Core; keep: () => void } {
  const cache = readCodeCache(file, coreEdition);
  // All of it is ASCII, which is quicker to read as Latin 1.
  const code = readFileSync(file, 'latin1');
  const words = 'exports, require, module, __filename, __dirname, coreImport';
  const script = new Script(`(function (${words}) {${code}\n})`, {
    filename: file,
    ...(cache.code !== undefined && { cachedData: cache.code }),
  });
  const core = run(script, file);
  const isUsed = script.cachedDataRejected === false;
  debug('compiled before: %s', cache.code === undefined ? 'nothing' : isUsed ? 'used' : 'rejected');
  const found = isUsed ? cache : { ...cache, code: undefined };
  const keep = (): void => keepCompiled(script, core.loaded, found);
  process.once('exit', keep);
  return { core, keep };
}

function run(script: Script, file: string): Core {
  const module = { exports: {} };
  const fn = script.runInThisContext() as CoreFunction;
  fn(module.exports, createRequire(file), module, file, dirname(file), importHere);
  return module.exports as Core;
}

/**
 * From the folder of the core. Its own code cannot: V8 does not say of what comes out of its cache in which file
 * that stands.
 */
function importHere(specifier: string): Promise<unknown> {
  return import(specifier);
}
