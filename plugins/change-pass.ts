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

/** One passage of a whole set of files through `changed`, and `remember` if there is one. */
export class ChangePass {
  readonly key: string;
  /** Whether a `remember` gives the unchanged files back. */
  isRemembered = false;
  /** The working directory of the files. */
  cwd = '';
  readonly #store: ResultStore;
  readonly #version: string;
  readonly #before: Promise<Success | undefined>;
  #keeping: Promise<void> | undefined;
  readonly #seen = new Map<string, string>();
  /** What unchanged files came to. */
  readonly #kept = new Map<string, readonly StoredFile[]>();
  readonly #made = new Map<string, StoredFile[]>();

  /** @param previous The pass of that key before, which may still be about to keep something. */
  constructor(key: string, store: ResultStore, version: string, previous: ChangePass | undefined) {
    this.key = key;
    this.#store = store;
    this.#version = version;
    const kept = previous === undefined ? undefined : previous.#keeping;
    this.#before = Promise.resolve(kept).then(() => store.get<Success>(successKey(key)));
  }

  /** Takes note of a file. Whether it has to go on: it is new, or not what it was. */
  async hasChanged(file: GulpFile): Promise<boolean> {
    if (file.isNull()) return true;
    checkContents(file);
    const source = sourceOf(file);
    this.cwd = file.cwd;
    const digest = digestOf(file.contents as Buffer);
    this.#seen.set(source, digest);
    const before = await this.#before;
    if (before?.version !== this.#version || before.files[source] !== digest) return true;
    if (!this.isRemembered) return false;
    const kept = await this.#store.get<Remembered>(fileKey(this.key, source));
    if (kept?.digest !== digest || kept.version !== this.#version) return true;
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
    const before = await this.#before;
    if (this.isRemembered) {
      for (const [source, digest] of this.#seen) {
        if (this.#kept.has(source)) continue;
        const outputs = this.#made.get(source) ?? [];
        const kept: Remembered = { digest, version: this.#version, outputs };
        await this.#store.set(fileKey(this.key, source), kept);
      }
    }
    const files = Object.fromEntries(this.#seen);
    await this.#store.set(successKey(this.key), { version: this.#version, files });
    for (const source of Object.keys(before?.files ?? {})) {
      if (!this.#seen.has(source)) await this.#store.delete(fileKey(this.key, source));
    }
  }
}

function successKey(key: string): string {
  return `changed:${key}`;
}

function fileKey(key: string, source: string): string {
  return `remember:${key}:${source}`;
}
