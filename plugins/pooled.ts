import type { Transform } from 'node:stream';
import type { Callable } from '../lib/pool/index.ts';
import type { GulpFile } from './gulp-file.ts';
import { parallelStream } from './parallel-stream.ts';
import { PluginError } from './plugin-error.ts';
import { filesOf, type PooledFile, type PooledResult, sentFile } from './pooled-file.ts';
import { type PooledOptions, pooledSettings } from './pooled-options.ts';
import { type Lease, leasePool } from './shared-pool.ts';

/** What `pooled` calls in a worker for each file. */
export type PooledFunction<Options = unknown> = Callable<
  [file: PooledFile, options: Options],
  PooledResult | Promise<PooledResult>
>;

/**
 * A gulp plugin that has each file transformed in a pool of processes: by a function that a module
 * exports, `{ module, export }`, or one that uses nothing from around it. The processes are shared
 * by all such streams of the program, stay warm for half a minute, and do not keep it alive. Files
 * without contents pass. An error ends the stream as a PluginError.
 *
 * @throws InvalidOption
 */
export function pooled<Options = undefined>(
  transform: PooledFunction<Options>,
  options: PooledOptions<Options> = {},
): Transform {
  const settings = pooledSettings(options);
  const { limits, properties } = settings;
  const name = options.name ?? nameOf(transform);
  let lease: Lease | undefined;

  async function call(file: GulpFile): Promise<PooledResult> {
    lease ??= leaseOf(options.pool, settings.processes);
    const args: [PooledFile, Options] = [sentFile(file, properties), options.options as Options];
    // With limits of its own a job is not sent ahead, which costs a little.
    if (limits === undefined) return lease.pool.apply(transform, args);
    return lease.pool.applyAsync(transform, args, limits);
  }

  return parallelStream({
    limit: settings.inFlight,
    isOrdered: settings.isOrdered,
    async outputsOf(file) {
      if (file.isNull()) return [file];
      try {
        if (!file.isBuffer())
          throw new TypeError('Its contents are a stream; read it with buffer: true.');
        return filesOf(await call(file), file, properties);
      } catch (error) {
        throw new PluginError(name, file, error);
      }
    },
    closed: (hasPending) => lease?.release(hasPending),
  });
}

function leaseOf(pool: PooledOptions['pool'], processes: number): Lease {
  if (pool === undefined) return leasePool(processes);
  // It belongs to somebody else, who knows how long it is needed.
  return { pool, release: () => undefined };
}

function nameOf(transform: PooledFunction<never>): string {
  const name = typeof transform === 'function' ? transform.name : transform.export;
  return `pooled(${name || 'anonymous'})`;
}
