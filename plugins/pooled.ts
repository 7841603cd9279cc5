import { isAbsolute } from 'node:path';
import type { Transform } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Callable, Pool } from '../lib/pool/index.ts';
import { Batches } from './batches.ts';
import { canonical } from './digests.ts';
import { parallelStream } from './parallel-stream.ts';
import { PluginError } from './plugin-error.ts';
import { filesOf, type PooledFile, type PooledResult, sentFile } from './pooled-file.ts';
import { type PooledOptions, type PooledSettings, pooledSettings } from './pooled-options.ts';
import { type Lease, leasePool } from './shared-pool.ts';
import { noteCode, type TransformCode } from './transform-code.ts';

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
  const { properties } = settings;
  const name = options.name ?? nameOf(transform);
  let lease: Lease | undefined;
  let run: ((file: PooledFile) => Promise<unknown>) | undefined;

  function start(): (file: PooledFile) => Promise<unknown> {
    lease = leaseOf(options.pool, options.processes);
    return runnerOf(lease.pool, transform, options.options as Options, settings);
  }

  const stream = parallelStream({
    limit: settings.inFlight,
    isOrdered: settings.isOrdered,
    async outputsOf(file) {
      if (file.isNull()) return [file];
      try {
        if (!file.isBuffer()) {
          throw new TypeError('Its contents are a stream; read it with buffer: true.');
        }
        run ??= start();
        return filesOf(await run(sentFile(file, properties)), file, properties);
      } catch (error) {
        throw new PluginError(name, file, error);
      }
    },
    closed: (hasPending) => lease?.release(hasPending),
  });
  noteCode(stream, codeOf(transform, options.options));
  return stream;
}

function codeOf(transform: PooledFunction<never>, options: unknown): TransformCode {
  if (typeof transform === 'function') return { files: [], text: canonical([transform, options]) };
  const url = urlOf(transform.module);
  const text = canonical([transform.export, options, url === undefined && transform.module]);
  return { files: url === undefined ? [] : [fileURLToPath(url)], text };
}

/** How one file is transformed: alone if it has limits or the function is no file's export. */
function runnerOf<Options>(
  pool: Pool,
  transform: PooledFunction<Options>,
  options: Options,
  { limits, processes }: PooledSettings,
): (file: PooledFile) => Promise<unknown> {
  if (limits !== undefined)
    return (file) => pool.applyAsync(transform, [file, options], limits).get();
  const module = typeof transform === 'function' ? undefined : urlOf(transform.module);
  if (module === undefined || typeof transform === 'function') {
    return (file) => pool.apply(transform, [file, options]);
  }
  const batches = new Batches(pool, { module, export: transform.export, options }, processes);
  return (file) => batches.run(file);
}

/** None for a package, which a worker looks for where the program is. */
function urlOf(module: string | URL): string | undefined {
  if (module instanceof URL) return module.href;
  if (isAbsolute(module)) return pathToFileURL(module).href;
  return module.startsWith('file:') ? module : undefined;
}

function leaseOf(pool: PooledOptions['pool'], processes: number | undefined): Lease {
  if (pool === undefined) return leasePool(processes);
  // It belongs to somebody else, who knows how long it is needed.
  return { pool, release: () => undefined };
}

function nameOf(transform: PooledFunction<never>): string {
  const name = typeof transform === 'function' ? transform.name : transform.export;
  return `pooled(${name || 'anonymous'})`;
}
