export { type CachedOptions, cached } from './cached.ts';
export { type ChangedOptions, changed, remember } from './changed.ts';
export { PluginError } from './plugin-error.ts';
export { type PooledFunction, pooled } from './pooled.ts';
export type { PooledFile, PooledOutput, PooledResult } from './pooled-file.ts';
export type { PooledOptions } from './pooled-options.ts';
export { type PluginRef, pooledPlugin } from './pooled-plugin.ts';
export type { KeyvStore } from './result-store.ts';
export type { PluginStreams } from './run-through.ts';
