import type { Transform } from 'node:stream';
import through2 from 'through2';
import { holdTask } from '../lib/index.ts';
import { callSite } from './call-site.ts';
import { ChangePass, successKey } from './change-pass.ts';
import { followPipeline } from './follow-pipeline.ts';
import type { GulpFile } from './gulp-file.ts';
import { noteUse } from './kept-keys.ts';
import { PluginError } from './plugin-error.ts';
import { checkOptions } from './pooled-options.ts';
import { type KeyvStore, storeOf } from './result-store.ts';
import { fileAgain, storedFile } from './stored-file.ts';
import { versionDigest } from './transform-code.ts';

/** What `changed` can be told. All is optional. */
export interface ChangedOptions {
  /**
   * What the results depend on besides the files, packages by the lock file, and code of the project:
   * what a plugin reads by itself, for example. Another value makes all files changed ones.
   */
  readonly version?: unknown;
  /** A Keyv instance. Default: a file `.parproc/plugins.sqlite`, or memory if that cannot be. */
  readonly cache?: KeyvStore;
}

/** The passes that have begun last, by key, and the very last. */
const passes = new Map<string, ChangePass>();
let lastPass: ChangePass | undefined;

/**
 * A gulp plugin that lets only those files through whose content is not what it was when the
 * pipeline last succeeded. It has to get the whole set each time: what is missing was deleted.
 * Success is when everything behind it has ended without an error; until then nothing counts.
 *
 * @param key Names the set. Default: the place of the call, so that two pipelines made in one place
 *   need keys.
 */
export function changed(key?: string, options: ChangedOptions = {}): Transform {
  checkOptions('changed()', options, ['version', 'cache']);
  const { place, files } = callSite(changed);
  return changedBy(key ?? place, files, options);
}

/** @param files Those of the project that have led to the call. */
function changedBy(key: string, files: readonly string[], options: ChangedOptions): Transform {
  // Pipes are laid when the first file comes.
  const version = (): Promise<string | undefined> =>
    versionDigest(options.version, files, pipeline.streams());
  const store = storeOf(options.cache);
  const pass = new ChangePass(key, store, version, passes.get(key));
  passes.set(key, pass);
  lastPass = pass;
  const stream = through2.obj((file: GulpFile, _encoding: string, done: Done) => {
    pass.hasChanged(file).then(
      (hasChanged) => (hasChanged ? done(null, file) : done()),
      (error: unknown) => done(new PluginError(`changed(${key})`, file, error)),
    );
  }) as Transform;
  const pipeline = followPipeline(stream, () =>
    holdTask(pass.keep().then(() => noteUse(store, successKey(key)))),
  );
  return stream;
}

/**
 * A gulp plugin that gives the whole set back after `changed` with the same key, and whatever the
 * plugins between them have made of it: of unchanged files, what they had made before. Everything
 * is in the order of the sources. It has to stand before plugins that join files.
 *
 * @param key Default: that of the `changed` before it.
 * @throws Error If there is none.
 */
export function remember(key?: string): Transform {
  const pass = key === undefined ? lastPass : passes.get(key);
  if (pass === undefined) {
    throw new Error(`remember(${key ?? ''}) needs changed(${key ?? ''}) before it, made first.`);
  }
  pass.isRemembered = true;
  const stream = through2.obj(
    (file: GulpFile, _encoding: string, done: Done) => {
      if (file.isNull()) return done(null, file);
      try {
        pass.add(file, storedFile(file));
        return done();
      } catch (error) {
        return done(new PluginError(`remember(${pass.key})`, file, error));
      }
    },
    function (this: Transform, done: () => void) {
      for (const stored of pass.outputs()) this.push(fileAgain(stored, pass.cwd));
      done();
    },
  ) as Transform;
  return stream;
}

type Done = (error?: Error | null, file?: GulpFile) => void;
