import type { DefinitionContext, Params } from './definition.ts';

/** Params that remember which of them were read. */
export interface TrackedParams {
  readonly params: Params;
  /** Names so far; `*` stands for all of them, once somebody has listed them. */
  readonly read: ReadonlySet<string>;
}

/**
 * What functions of a definition are given for one task. Most tasks have none, or none that asks for
 * params, so that these are made when somebody does.
 */
export function definitionContext(name: string, params: Params): DefinitionContext {
  return new Context(name, params);
}

/** Names of the params that were read through a context; `*` stands for all of them. */
export function paramsReadBy(context: DefinitionContext): ReadonlySet<string> {
  return context instanceof Context ? context.read : none;
}

const none: ReadonlySet<string> = new Set();

class Context implements DefinitionContext {
  readonly #name: string;
  readonly #given: Params;
  #tracked: TrackedParams | undefined;

  constructor(name: string, given: Params) {
    this.#name = name;
    this.#given = given;
  }

  get name(): string {
    return this.#name;
  }

  get params(): Params {
    this.#tracked ??= trackedParams(this.#given);
    return this.#tracked.params;
  }

  get read(): ReadonlySet<string> {
    return this.#tracked?.read ?? none;
  }
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
