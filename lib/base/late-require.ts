import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Gives a package that is loaded when it is first asked for, since most runs can do without. It has to be
 * one that `require` can load.
 */
export function lateRequire<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => (loaded ??= require(name) as T);
}
