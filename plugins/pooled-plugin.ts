import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';
import type { Transform } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type FunctionRef, InvalidOption } from '../lib/pool/index.ts';
import { canonical } from './digests.ts';
import { pooled } from './pooled.ts';
import type { PooledFile, PooledResult } from './pooled-file.ts';
import type { PooledOptions } from './pooled-options.ts';
import type { PluginCall } from './run-plugin.ts';
import { noteCode } from './transform-code.ts';

/** The default export of a package, or what a module exports: a function that gives a plugin. */
export type PluginRef<Options = unknown> = string | FunctionRef<[options: Options], unknown>;

/**
 * An existing gulp plugin, run in a pool of processes, each file by itself: `pooledPlugin(
 * 'gulp-terser', { options })`, or `{ module, export }` for a function of your own that makes a
 * plugin, or a list of plugins in a row, from `options`. Not for plugins that join files. Everything
 * else is as with `pooled`.
 *
 * @throws InvalidOption @throws Error If there is no such package.
 */
export function pooledPlugin<Options = undefined>(
  plugin: PluginRef<Options>,
  options: PooledOptions<Options> = {},
): Transform {
  const reference = typeof plugin === 'string' ? { module: plugin, export: 'default' } : plugin;
  const call: PluginCall = {
    module: urlOf(reference.module),
    export: reference.export,
    options: options.options,
    properties: options.properties ?? [],
  };
  const isDefault = reference.export === 'default';
  const name = isDefault ? String(reference.module) : reference.export;
  const own = { ...options, name: options.name ?? name, options: call };
  const stream = pooled<PluginCall>(runPlugin, own);
  const text = canonical([call.export, call.options, call.properties]);
  noteCode(stream, { files: [fileURLToPath(call.module)], text });
  return stream;
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** tsc does not rewrite paths in strings: it ends as this file does. */
const runPlugin: FunctionRef<[PooledFile, PluginCall], Promise<PooledResult>> = Object.freeze({
  module: new URL(`../plugins/run-plugin.${extension}`, import.meta.url),
  export: 'runPlugin',
});

/** A package is looked for where the program is, not where this one is installed. */
function urlOf(module: string | URL): string {
  if (module instanceof URL) return module.href;
  if (module.startsWith('file:')) return module;
  if (isAbsolute(module)) return pathToFileURL(module).href;
  if (module.startsWith('.')) {
    throw new InvalidOption(
      `The plugin's module is '${module}', and nobody knows relative to what.`,
      `Write new URL('${module}', import.meta.url).`,
    );
  }
  const path = createRequire(join(process.cwd(), 'parproc.js')).resolve(module);
  return pathToFileURL(path).href;
}
