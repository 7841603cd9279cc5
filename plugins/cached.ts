import type { Transform } from 'node:stream';
import { holdTask } from '../lib/index.ts';
import { callSite } from './call-site.ts';
import { digestOf } from './digests.ts';
import { followPipeline } from './follow-pipeline.ts';
import type { GulpFile } from './gulp-file.ts';
import { noteUse } from './kept-keys.ts';
import { parallelStream } from './parallel-stream.ts';
import { PluginError } from './plugin-error.ts';
import { checkOptions } from './pooled-options.ts';
import { type KeyvStore, type ResultStore, storeOf } from './result-store.ts';
import { type PluginStreams, runThrough } from './run-through.ts';
import { checkContents, fileAgain, type StoredFile, sourceOf, storedFile } from './stored-file.ts';
import { versionDigest } from './transform-code.ts';

/** What `cached` can be told. All is optional. */
export interface CachedOptions {
  /** Names what is kept. Default: the place of the call. */
  readonly key?: string;
  /** As for `changed`. The source of `transform` counts in any case. */
  readonly version?: unknown;
  /** As for `changed`. */
  readonly cache?: KeyvStore;
}

/** When each result was used last, counted in successful runs. */
interface Usage {
  readonly run: number;
  readonly usedIn: Readonly<Record<string, number>>;
}

/** Switching between a few branches finds what was made before. */
const runsKept = 20;
const filesAtOnce = 16;

/**
 * A gulp plugin that keeps what another makes of each file: `cached(() => terser(options))`. A file
 * that came before with the same content, path and source map is not made again. `transform` gives
 * the stream for one file, or those of several plugins in a row; it must not read other files or
 * join them. Errors are not kept.
 */
export function cached(transform: () => PluginStreams, options: CachedOptions = {}): Transform {
  checkOptions('cached()', options, ['key', 'version', 'cache']);
  if (typeof transform !== 'function') {
    throw new TypeError('cached() takes a function that gives a plugin: cached(() => plugin()).');
  }
  const { place, files } = callSite(cached);
  const key = options.key ?? place;
  const store = storeOf(options.cache);
  const used = new Set<string>();
  let first: readonly NodeJS.ReadWriteStream[] | undefined;
  let version: Promise<string | undefined> | undefined;

  /** It is asked once more than there are files to be made, at most. */
  function madeStreams(): PluginStreams {
    const made = first ?? transform();
    first = undefined;
    return made;
  }

  async function versionOf(): Promise<string | undefined> {
    first = ([] as NodeJS.ReadWriteStream[]).concat(transform());
    const digest = await versionDigest(options.version, files, first);
    return digest && digestOf(String(transform), digest);
  }

  async function outputsOf(file: GulpFile): Promise<readonly GulpFile[]> {
    if (file.isNull()) return [file];
    checkContents(file);
    version ??= versionOf();
    const digest = await version;
    if (digest === undefined) return runThrough(madeStreams(), file);
    const id = idOf(key, digest, file);
    used.add(id);
    const kept = await store.get<readonly StoredFile[]>(id);
    if (kept !== undefined) return kept.map((each) => fileAgain(each, file.cwd));
    const outputs = await runThrough(madeStreams(), file);
    // Plugins behind this one may change the very files.
    await store.set(id, outputs.map(storedFile));
    return outputs;
  }

  const stream = parallelStream({
    limit: filesAtOnce,
    isOrdered: true,
    outputsOf: (file) =>
      outputsOf(file).catch((error: unknown) => {
        throw error instanceof PluginError ? error : new PluginError(`cached(${key})`, file, error);
      }),
    closed: () => undefined,
  });
  followPipeline(stream, () => holdTask(dropUnused(store, key, used)));
  return stream;
}

function idOf(key: string, version: string, file: GulpFile): string {
  const { base, cwd, contents, sourceMap } = file;
  const map = sourceMap === undefined ? '' : JSON.stringify(sourceMap);
  const place = [base, file.path].map((path) => path.replace(cwd, ''));
  const digest = digestOf(version, sourceOf(file), ...place, contents as Buffer, map);
  return `cached:${key}:${digest}`;
}

async function dropUnused(
  store: ResultStore,
  key: string,
  used: ReadonlySet<string>,
): Promise<void> {
  const before = await store.get<Usage>(`used:${key}`);
  const run = (before?.run ?? 0) + 1;
  const usedIn = { ...before?.usedIn };
  for (const id of used) usedIn[id] = run;
  for (const [id, last] of Object.entries(usedIn)) {
    if (run - last < runsKept) continue;
    delete usedIn[id];
    await store.delete(id);
  }
  await store.set(`used:${key}`, { run, usedIn });
  await noteUse(store, `used:${key}`);
}
