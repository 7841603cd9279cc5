import { digestOf } from './digests.ts';
import type { GulpFile } from './gulp-file.ts';
import type { ResultStore } from './result-store.ts';
import { checkContents, type StoredFile, sourceOf } from './stored-file.ts';

/** What held when a pipeline succeeded last. */
interface Success {
  readonly version: string;
  /** The digest of every file, by where it came from. */
  readonly files: Readonly<Record<string, string>>;
}

/** What `remember` keeps of one file. */
interface Remembered {
  readonly digest: string;
  readonly version: string;
  readonly outputs: readonly StoredFile[];
}

/** So many files are taken back one by one; if there are more, all are. */
const mostTakenBack = 8;

/** One passage of a whole set of files through `changed`, and `remember` if there is one. */
export class ChangePass {
  readonly key: string;
  /** Whether a `remember` gives the unchanged files back. */
  isRemembered = false;
  /** The working directory of the files. */
  cwd = '';
  readonly #store: ResultStore;
  readonly #version: () => Promise<string | undefined>;
  readonly #previous: Promise<void> | undefined;
  #begun: Promise<Begun> | undefined;
  #keeping: Promise<void> | undefined;
  readonly #seen = new Map<string, string>();
  /** What unchanged files came to. */
  readonly #kept = new Map<string, readonly StoredFile[]>();
  readonly #made = new Map<string, StoredFile[]>();

  /**
   * @param version Digest of all that results depend on besides the files; undefined if that cannot
   *   be told: then all files have changed, and nothing is kept.
   * @param previous The pass of that key before, which may still be about to keep something.
   */
  constructor(
    key: string,
    store: ResultStore,
    version: () => Promise<string | undefined>,
    previous: ChangePass | undefined,
  ) {
    this.key = key;
    this.#store = store;
    this.#version = version;
    this.#previous = previous === undefined ? undefined : previous.#keeping;
  }

  /** Takes note of a file. Whether it has to go on: it is new, or not what it was. */
  async hasChanged(file: GulpFile): Promise<boolean> {
    if (file.isNull()) return true;
    checkContents(file);
    const source = sourceOf(file);
    this.cwd = file.cwd;
    const digest = digestOf(file.contents as Buffer);
    this.#seen.set(source, digest);
    const begun = await this.#begin();
    if (begun.standing[source] !== digest) {
      await this.#takeBack(source, begun);
      return true;
    }
    if (!this.isRemembered) return false;
    const kept = await this.#store.get<Remembered>(fileKey(this.key, source));
    if (kept?.digest !== digest || kept.version !== begun.version) return true;
    this.#kept.set(source, kept.outputs);
    return false;
  }

  /** Takes what has become of a file. @throws Error If it is not known of which. */
  add(file: GulpFile, stored: StoredFile): void {
    const source = sourceOf(file);
    if (!this.#seen.has(source)) {
      throw new Error(
        `It comes from no file that changed('${this.key}') has seen. ` +
          'Put remember() before plugins that join files or make new ones.',
      );
    }
    const made = this.#made.get(source);
    if (made === undefined) this.#made.set(source, [stored]);
    else made.push(stored);
  }

  /** The whole set, in the order in which `changed` got it. */
  outputs(): StoredFile[] {
    return [...this.#seen.keys()].flatMap(
      (source) => this.#kept.get(source) ?? this.#made.get(source) ?? [],
    );
  }

  /** The pipeline has succeeded: from now on these files are unchanged. */
  keep(): Promise<void> {
    this.#keeping = this.#keep();
    return this.#keeping;
  }

  async #keep(): Promise<void> {
    const { version, sources } = await this.#begin();
    if (version === undefined) return;
    if (this.isRemembered) {
      for (const [source, digest] of this.#seen) {
        if (this.#kept.has(source)) continue;
        const outputs = this.#made.get(source) ?? [];
        const kept: Remembered = { digest, version, outputs };
        await this.#store.set(fileKey(this.key, source), kept);
      }
    }
    const files = Object.fromEntries(this.#seen);
    await this.#store.set(successKey(this.key), { version, files });
    for (const source of sources) {
      if (!this.#seen.has(source)) await this.#store.delete(fileKey(this.key, source));
    }
    // The next pass knows this one as long as it lasts.
    this.#kept.clear();
    this.#made.clear();
  }

  #begin(): Promise<Begun> {
    this.#begun ??= this.#readBefore();
    return this.#begun;
  }

  async #readBefore(): Promise<Begun> {
    await this.#previous;
    const before = await this.#store.get<Success>(successKey(this.key));
    const version = await this.#version();
    const sources = Object.keys(before?.files ?? {});
    const isSame = before !== undefined && before.version === version;
    if (before !== undefined && !isSame) await this.#store.delete(successKey(this.key));
    const standing = Object.assign(Object.create(null), isSame ? before.files : {});
    return { version, sources, standing, takenBack: 0 };
  }

  /**
   * What a file was once made into may be overwritten from now on, whatever becomes of it: it has
   * changed even if it is again what it was when that succeeded.
   */
  async #takeBack(source: string, begun: Begun): Promise<void> {
    const { standing, version } = begun;
    if (this.isRemembered || standing[source] === undefined || version === undefined) return;
    delete standing[source];
    begun.takenBack += 1;
    if (begun.takenBack > mostTakenBack) return;
    if (begun.takenBack === mostTakenBack) await this.#store.delete(successKey(this.key));
    else await this.#store.set(successKey(this.key), { version, files: { ...standing } });
  }
}

/** What a pass has found. */
interface Begun {
  readonly version: string | undefined;
  /** Where the files of the last success came from. */
  readonly sources: readonly string[];
  /** Those of them that are still what that success has made of them. */
  readonly standing: Record<string, string>;
  takenBack: number;
}

const successPrefix = 'changed:';

/** Where the last success of a key stands. */
export function successKey(key: string): string {
  return successPrefix + key;
}

/** What `remember` has kept beside a success, by where the files came from. */
export function partsOfChanged(success: string, sources: readonly string[]): readonly string[] {
  return sources.map((source) => fileKey(success.slice(successPrefix.length), source));
}

function fileKey(key: string, source: string): string {
  return `remember:${key}:${source}`;
}
