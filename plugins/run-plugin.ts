import Vinyl from 'vinyl';
import type { GulpFile } from './gulp-file.ts';
import type { PooledFile, PooledOutput } from './pooled-file.ts';
import { type PluginStreams, runThrough } from './run-through.ts';
import { exportedFunction } from './transform-files.ts';

/** The plugin that `pooledPlugin` runs, and what it is given. */
export interface PluginCall {
  /** A URL. */
  readonly module: string;
  readonly export: string;
  readonly options: unknown;
  readonly properties: readonly string[];
}

type Factory = (options: unknown) => PluginStreams;

/** Runs a plugin on one file, in a worker of a pool. */
export async function runPlugin(file: PooledFile, call: PluginCall): Promise<PooledOutput[]> {
  const factory = await exportedFunction<Factory>(call);
  const { path, base, cwd, contents, sourceMap } = file;
  const given = new Vinyl({ path, base, cwd, contents }) as unknown as GulpFile;
  if (sourceMap !== undefined) given.sourceMap = sourceMap;
  for (const name of call.properties) Object.assign(given, { [name]: file[name] });
  const outputs = await runThrough(factory(call.options), given);
  return outputs.map((output) => outputOf(output, call.properties));
}

function outputOf(output: GulpFile, properties: readonly string[]): PooledOutput {
  const { path, base, contents, sourceMap } = output;
  if (!Buffer.isBuffer(contents)) {
    throw new TypeError('The plugin gave a file without contents, or with a stream.');
  }
  const sent = { path, base, contents, ...(sourceMap !== undefined && { sourceMap }) };
  const own = output as unknown as Record<string, unknown>;
  return Object.assign(sent, Object.fromEntries(properties.map((name) => [name, own[name]])));
}
