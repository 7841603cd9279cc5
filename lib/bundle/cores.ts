/** A half of this package, as it was loaded. */
export interface Core {
  /** By path, what gives the exports of a module and runs it when it is first asked for. */
  readonly modules: Readonly<Record<string, () => object>>;
  /** Has 1 for each piece of it that has been run. */
  readonly loaded: Uint8Array;
}

interface LoadedCore {
  readonly core: Core;
  /** Has what V8 has compiled of it written now, if there is anything new. Never throws. */
  readonly keep: () => void;
}

const key = Symbol.for('parproc.cores');

/** The cores in this process, by file; a loader may have had the module that loads them twice. */
export function loadedCores(): Map<string, LoadedCore> {
  const holder = globalThis as { [key]?: Map<string, LoadedCore> };
  holder[key] ??= new Map();
  return holder[key];
}
