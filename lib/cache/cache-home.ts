import { resolve } from 'node:path';
import type { KeyvLike } from '../model/options.ts';
import { openCacheStore } from './cache-store.ts';
import { rememberGlobs } from './declared-files.ts';
import type { RecordsEdition } from './edition.ts';
import { GlobResults } from './glob-results.ts';
import { tellsOfFolders } from './platform.ts';
import type { TaskRecord } from './record.ts';
import { Records } from './records.ts';
import type { Snapshot } from './snapshot.ts';
import { memoryStore, type Store } from './store.ts';
import { StoreCopy } from './store-copy.ts';
import type { WorkspaceLock } from './workspace-lock.ts';

/** Where a cache is kept, and with whom it is shared. */
export interface HomeOptions {
  /** The SQLite file, a Keyv instance, or `false`: then nothing is up to date and nothing is kept. */
  readonly path: string | KeyvLike | false;
  /** Keeps builds apart that use the same file; undefined if nothing does. */
  readonly lock?: (file: string) => WorkspaceLock;
  /** Absolute; `path` is relative to it. */
  readonly workDir: string;
  /** Whether nothing may be written anywhere. Default: false. */
  readonly isReadOnly?: boolean;
  readonly onWarning: (code: string, text: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether a task of this name can still come about; if not, its record goes after 30 days. */
  readonly isDefined: (name: string) => boolean;
}

/** The records of a cache and whoever may use them: one build at a time. No method rejects. */
export class CacheHome {
  readonly #options: HomeOptions;
  readonly #records: Records;
  readonly #lock: WorkspaceLock | undefined;
  #turns: Promise<void> = Promise.resolve();
  #entered: Promise<void> | undefined;
  #hasOpened = false;
  #isAsPeeked = false;
  readonly #warned = new Set<string>();

  constructor(options: HomeOptions) {
    this.#options = options;
    const { path, workDir, clock, isDefined } = options;
    this.#lock = typeof path === 'string' ? options.lock?.(resolve(workDir, path)) : undefined;
    const globs = new GlobResults(clock, tellsOfFolders);
    if (path !== false) rememberGlobs(workDir, globs);
    this.#records = new Records({
      aside: globs,
      copy: this.#lock && typeof path === 'string' ? copyOf(options, path) : undefined,
      open: (isDamaged) => this.#openStore(isDamaged),
      clock,
      isDefined,
      onTrouble: (error) => {
        const text = `Nothing is remembered for the next run: ${messageOf(error)}.`;
        this.warnOnce('cache-off', text);
      },
    });
  }

  /** What is known of a task. */
  get(name: string): TaskRecord | undefined {
    return this.#records.get(name);
  }

  /** Whether a task other than `name` has made the file at `path` when it last succeeded. */
  isMadeBesides(name: string, path: string): boolean {
    const makes = ({ outputs }: TaskRecord): boolean => outputs.some((file) => file.path === path);
    return this.#records.some((record, other) => other !== name && makes(record));
  }

  /** The records as they were read in one piece, if they were. */
  get snapshot(): Snapshot | undefined {
    return this.#options.path === false ? undefined : this.#records.snapshot;
  }

  /** See `Records.edition`. */
  get edition(): RecordsEdition | undefined {
    return this.#records.edition;
  }

  /** See `Records.isOutdated`. */
  get isOutdated(): ((name: string) => boolean) | undefined {
    return this.#records.isOutdated;
  }

  /** See `Records.usedSince`. */
  get usedSince(): number {
    return this.#records.usedSince;
  }

  /** See `Records.getKept`. */
  getKept(name: string): TaskRecord | undefined {
    return this.#records.getKept(name);
  }

  /** See `Records.fetch`. */
  fetch(names: readonly string[]): Promise<void> {
    return this.#records.fetch(names);
  }

  /** See `Records.isFetched`. */
  isFetched(name: string): boolean {
    return this.#records.isFetched(name);
  }

  /** Replaces what is known of a task, unless nothing is to be written. */
  put(name: string, record: TaskRecord): void {
    const { path, isReadOnly } = this.#options;
    if (path !== false && isReadOnly !== true) this.#records.put(name, record);
  }

  /** Resolves when all that was to be kept is on disk. */
  flush(): Promise<void> {
    return this.#records.flush();
  }

  /**
   * Resolves when no other build is under way and all is known that they have left. Between `leave`
   * and this nothing is to be asked.
   */
  enter(): Promise<void> {
    // One promise for all who come meanwhile: what they go on with then is one piece.
    this.#entered ??= this.#inTurn(() => this.#enter());
    return this.#entered;
  }

  /** Whether somebody has entered and not left. */
  get isEntered(): boolean {
    return this.#entered !== undefined;
  }

  /**
   * Takes what was left by the last build without keeping others out, if that is all there and nobody
   * is at work; otherwise there is nothing for it but to `enter`. Nothing is written from it.
   */
  async peek(): Promise<boolean> {
    await this.#turns;
    if (this.#lock === undefined || this.#hasOpened || this.#entered !== undefined) return false;
    return !this.#lock.isMarked() && (await this.#records.peek());
  }

  /**
   * Whether all is as it was when it was peeked at: nobody has been at work since, and nothing has to
   * be written; after an `enter`, whether it was so until then.
   */
  get isAsPeeked(): boolean {
    if (this.#entered !== undefined) return this.#isAsPeeked;
    return this.#lock?.isMarked() === false && this.#records.isAsPeeked;
  }

  /** Lets other builds in, once all is written. */
  leave(): Promise<void> {
    this.#entered = undefined;
    return this.#inTurn(() => this.#leave());
  }

  /** Writes what is left and closes the file. */
  close(): Promise<void> {
    this.#entered = undefined;
    return this.#inTurn(async () => {
      await this.#leave();
      await this.#records.close();
      this.#hasOpened = false;
      await this.#lock?.close().catch(() => undefined);
    });
  }

  /** @param what What is not told twice. Default: the code. */
  warnOnce(code: string, text: string, what: string = code): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#options.onWarning(code, text);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turns = this.#turns.then(work);
    return this.#turns;
  }

  async #enter(): Promise<void> {
    this.#isAsPeeked = false;
    if (this.#options.path === false) return;
    const trouble = await this.#enterAlone();
    if (this.#hasOpened) await this.#records.refresh();
    else this.#isAsPeeked = await this.#records.open();
    this.#hasOpened = true;
    if (trouble === undefined || !this.#records.isOpen) return;
    this.warnOnce('no-lock', `Builds in this folder are not kept apart: ${messageOf(trouble)}.`);
  }

  async #enterAlone(): Promise<unknown> {
    try {
      await this.#lock?.enter();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #leave(): Promise<void> {
    await this.#records.settle(this.#lock?.isHeld === true);
    // If it cannot be given back, it is as soon as the process ends.
    await this.#lock?.leave().catch(() => this.#lock?.close());
  }

  #openStore(isDamaged: boolean): Promise<Store> {
    const { path, workDir, isReadOnly = false, onWarning } = this.#options;
    if (path === false) return Promise.resolve(memoryStore());
    const at = typeof path === 'string' ? resolve(workDir, path) : path;
    const onRecovered = (aside: string): void => {
      const text = `The cache was damaged and is now ${aside}; what it held is done again.`;
      onWarning('cache-damaged', text);
    };
    return openCacheStore({ at, isReadOnly, onRecovered }, isDamaged);
  }
}

function copyOf({ workDir, isReadOnly }: HomeOptions, path: string): StoreCopy | undefined {
  return isReadOnly === true ? undefined : new StoreCopy(resolve(workDir, path));
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
