import type { Params } from './definition.ts';

/** Params that remember which of them were read. */
export interface TrackedParams {
  readonly params: Params;
  /** Names so far; `*` stands for all of them, once somebody has listed them. */
  readonly read: ReadonlySet<string>;
}

/** `params` as functions of the user's see them: reading only, and noted. */
export function trackedParams(params: Params): TrackedParams {
  const read = new Set<string>();
  const tracked = new Proxy(params, {
    get(target, name) {
      if (typeof name !== 'string') return Reflect.get(target, name) as unknown;
      read.add(name);
      return Object.hasOwn(target, name) ? target[name] : undefined;
    },
    has(target, name) {
      if (typeof name === 'string') read.add(name);
      return Object.hasOwn(target, name);
    },
    ownKeys(target) {
      read.add('*');
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor(target, name) {
      if (typeof name === 'string') read.add(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    set: () => false,
    setPrototypeOf: () => false,
    preventExtensions: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
  return { params: tracked, read };
}
