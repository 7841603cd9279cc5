export { PluginError } from './plugin-error.ts';
export { type PooledFunction, pooled } from './pooled.ts';
export type { PooledFile, PooledOutput, PooledResult } from './pooled-file.ts';
export type { PooledOptions } from './pooled-options.ts';
export { type PluginRef, pooledPlugin } from './pooled-plugin.ts';
