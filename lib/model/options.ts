import { type Duration, millisecondsOf } from './duration.ts';
import { UsageError } from './errors.ts';

/** What `parproc(options)` and the environment can set. */
export interface Options {
  /** How many tasks run at the same time at most. Default: the number of available cores. */
  readonly parallel?: number;
  /**
   * The cache file, relative to the folder of the gulpfile, or `false` for none.
   * Default: `.parproc/cache.sqlite`.
   */
  readonly cache?: string | false;
  /** Between the segments of a name. Default: `::`. Has to be set before the first task. */
  readonly separator?: string;
  /** Time limit of each task that sets none itself. Default: none. */
  readonly timeout?: Duration;
  /** How long a task that is being stopped has between SIGTERM and SIGKILL. Default: 2 seconds. */
  readonly killGrace?: Duration;
  /** Whether parproc reads flags of its own from the command line. Default: true. */
  readonly flags?: boolean;
}

/** Options with every default in place. */
export interface Settings {
  readonly parallel: number;
  readonly cache: string | false;
  readonly separator: string;
  readonly timeoutMs: number | undefined;
  readonly killGraceMs: number;
  readonly flags: boolean;
}

const known = new Set(['parallel', 'cache', 'separator', 'timeout', 'killGrace', 'flags']);

/**
 * The settings that `options` come to.
 *
 * @param cores What `parallel` defaults to.
 * @throws UsageError `invalid-option` for an unknown option or a value of the wrong kind.
 */
export function settingsOf(options: Options, cores: number): Settings {
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown !== undefined) reject(`there is no option '${unknown}'`, [...known].join(', '));
  const { parallel = cores, cache = '.parproc/cache.sqlite', separator = '::' } = options;
  const { timeout, killGrace = 2000, flags = true } = options;
  if (!Number.isSafeInteger(parallel) || parallel < 1) {
    reject(`parallel is ${JSON.stringify(parallel)}`, 'a whole number from 1 on');
  }
  if (cache !== false && (typeof cache !== 'string' || cache === '')) {
    reject(`cache is ${JSON.stringify(cache)}`, 'a file name or false');
  }
  if (typeof separator !== 'string' || !/^[^\w\s[\]*?.-]+$/.test(separator)) {
    reject(`separator is ${JSON.stringify(separator)}`, "characters such as '::', '|' or '/'");
  }
  if (typeof flags !== 'boolean') reject(`flags is ${JSON.stringify(flags)}`, 'true or false');
  return {
    parallel,
    cache,
    separator,
    timeoutMs: timeout === undefined ? undefined : millisecondsOf(timeout, 'The option timeout'),
    killGraceMs: millisecondsOf(killGrace, 'The option killGrace'),
    flags,
  };
}

function reject(what: string, allowed: string): never {
  throw new UsageError([
    { code: 'invalid-option', text: `In the options, ${what}.`, hint: `Allowed: ${allowed}.` },
  ]);
}
