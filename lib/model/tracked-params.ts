import type { Params } from './definition.ts';

/** Params that remember which of them were read. */
export interface TrackedParams {
  readonly params: Params;
  /** Names so far; `*` stands for all of them, once somebody has listed them. */
  readonly read: ReadonlySet<string>;
}

/** `params` as functions of the user's see them: reading only, and noted. */
export function trackedParams(params: Params): TrackedParams {
  const reading = new Reading();
  return { params: new Proxy(params, reading), read: reading.read };
}

/** A class, so that each of many tasks costs a set and not a set of functions. */
class Reading implements ProxyHandler<Params> {
  readonly read: Set<string> = new Set();

  get(target: Params, name: string | symbol): unknown {
    if (typeof name !== 'string') return Reflect.get(target, name) as unknown;
    this.read.add(name);
    return Object.hasOwn(target, name) ? target[name] : undefined;
  }

  has(target: Params, name: string | symbol): boolean {
    if (typeof name === 'string') this.read.add(name);
    return Object.hasOwn(target, name);
  }

  getOwnPropertyDescriptor(target: Params, name: string | symbol): PropertyDescriptor | undefined {
    if (typeof name === 'string') this.read.add(name);
    return Reflect.getOwnPropertyDescriptor(target, name);
  }

  ownKeys(target: Params): ArrayLike<string | symbol> {
    this.read.add('*');
    return Reflect.ownKeys(target);
  }

  set(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  deleteProperty(): boolean {
    return false;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }
}
