import type { CacheOptions } from '../cache/task-cache.ts';
import type { Catalog } from '../graph/graph.ts';
import { isDefined } from '../graph/is-defined.ts';
import type { Settings } from '../model/options.ts';
import type { Reporter } from '../model/run-event.ts';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { host } from './host.ts';

/** What the options of a cache come from. */
export interface CachedParts {
  readonly settings: Settings;
  readonly setup: Pick<WorkerSetup, 'workDir'>;
  readonly catalog: () => Catalog;
}

/** What a cache is opened with. */
export function cacheOptionsOf(
  { settings, setup, catalog }: CachedParts,
  report: Reporter,
): CacheOptions {
  return {
    path: settings.cache,
    restoreBytes: settings.restoreBytes,
    workDir: setup.workDir,
    globalInputs: settings.globalInputs,
    globalIgnore: settings.globalIgnore,
    code: settings.code,
    imports: settings.imports,
    loadedAt: host.startedAt,
    clock: host.epochMs,
    env: host.env,
    isDefined: (name) => isDefined(name, catalog()),
    onWarning: (code, text) => report({ event: 'warning', at: host.now(), code, text }),
  };
}
