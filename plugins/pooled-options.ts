import { availableParallelism } from 'node:os';
import type { Duration } from '../lib/index.ts';
import { InvalidOption, type Pool } from '../lib/pool/index.ts';

/** What `pooled` and `pooledPlugin` can be told. All is optional. */
export interface PooledOptions<Options = unknown> {
  /** Given to the function as its second argument, or to the plugin. Has to be plain data. */
  readonly options?: Options;
  /** The plugin's name in errors. Default: the name of the function. */
  readonly name?: string;
  /** Whether files leave in the order in which they came. Default: true. */
  readonly ordered?: boolean;
  /** How many files are under way at most. Default: 16 for each process. */
  readonly inFlight?: number;
  /** Time limit of each file, from its start: milliseconds or text such as '10s'. Default: none. */
  readonly timeout?: Duration;
  /** Then `currentJob().signal` is aborted. Default: none. */
  readonly softTimeout?: Duration;
  /** How many processes work. Default: one, and one more for each core that has nothing to do. */
  readonly processes?: number;
  /** A pool of your own, instead of the one that all streams of this process share. */
  readonly pool?: Pool;
  /** Properties of files, such as `data`, that go to the function and come back. Default: none. */
  readonly properties?: readonly string[];
}

/** Options with every default in place. */
export interface PooledSettings {
  readonly isOrdered: boolean;
  readonly inFlight: number;
  readonly limits: { readonly timeout?: Duration; readonly softTimeout?: Duration } | undefined;
  readonly processes: number;
  readonly properties: readonly string[];
}

const known = [
  'options',
  'name',
  'ordered',
  'inFlight',
  'timeout',
  'softTimeout',
  'processes',
  'pool',
  'properties',
] as const satisfies readonly (keyof PooledOptions)[];

const filesPerProcess = 16;

/** The settings that `options` come to. @throws InvalidOption */
export function pooledSettings(options: PooledOptions): PooledSettings {
  checkOptions('pooled()', options, known);
  const { timeout, softTimeout, properties = [], ordered = true } = options;
  const processes = countOf('processes', options.processes ?? availableParallelism());
  if (typeof ordered !== 'boolean') throw refused('ordered', 'true or false');
  if (!Array.isArray(properties)) throw refused('properties', 'a list of names');
  const hasLimits = timeout !== undefined || softTimeout !== undefined;
  return {
    isOrdered: ordered,
    inFlight: countOf('inFlight', options.inFlight ?? filesPerProcess * processes),
    limits: hasLimits
      ? {
          ...(timeout !== undefined && { timeout }),
          ...(softTimeout !== undefined && { softTimeout }),
        }
      : undefined,
    processes,
    properties,
  };
}

/** @throws InvalidOption For an option that nobody knows. */
export function checkOptions(where: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new InvalidOption(`${where} has no option '${unknown}'.`, `Known: ${names.join(', ')}.`);
}

function countOf(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw refused(name, 'a whole number from 1 on');
}

function refused(name: string, allowed: string): InvalidOption {
  return new InvalidOption(
    `The option ${name} has a value of another kind.`,
    `Allowed: ${allowed}.`,
  );
}
