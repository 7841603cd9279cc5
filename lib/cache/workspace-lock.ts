import { promises, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { prepareFolder } from './cache-folder.ts';
import { isMarked, markerOf } from './lock-marker.ts';
import { importAdapter, type SqliteAdapter } from './sqlite-adapter.ts';

/** What a workspace lock needs. */
export interface LockOptions {
  /** Absolute. Beside it a file with `-holder` behind its name tells who holds the lock. */
  readonly file: string;
  /** Asked for when it holds the lock: what it starts from then on has to know its token. */
  readonly self: () => Holder;
  /** Tokens of the builds that have started this one, directly or not. */
  readonly ancestors: readonly string[];
  /** Runs a function after so many milliseconds. */
  readonly after: (ms: number, run: () => void) => unknown;
  /** Told once, before it waits for another build; undefined if that does not say who it is. */
  readonly onWait: (holder: Holder | undefined) => void;
}

/** A build that holds the lock. */
export interface Holder {
  /** Known to nobody but the build and what it starts. */
  readonly token: string;
  readonly pid: number;
  readonly command: string;
}

const lookAgainMs = 100;

/**
 * Keeps builds of one folder apart. SQLite's own file lock does it, since the system takes that back
 * however a process ends.
 *
 * A build that a task of the holder has started goes on beside it: the holder waits for the task, so
 * that waiting for the holder would never end.
 */
export class WorkspaceLock {
  readonly #options: LockOptions;
  #adapter: SqliteAdapter | undefined;
  #isAttached = false;
  #isHeld = false;

  constructor(options: LockOptions) {
    this.#options = options;
  }

  /** Whether this build keeps others out. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether a build may be under way, this one or another: one that was killed seems to be. */
  isMarked(): boolean {
    return isMarked(this.#options.file);
  }

  get #marker(): string {
    return markerOf(this.#options.file);
  }

  /** Resolves when no other build is under way. Rejects if the file cannot be used. */
  async enter(): Promise<void> {
    if (this.#isHeld) return;
    const adapter = await this.#open();
    for (let isFirst = true; !(await this.#hasTaken(adapter)); isFirst = false) {
      const holder = await this.#holder();
      if (holder !== undefined && this.#options.ancestors.includes(holder.token)) return;
      if (isFirst) this.#options.onWait(holder);
      await new Promise<void>((resolve) => this.#options.after(lookAgainMs, resolve));
    }
    this.#isHeld = true;
    this.#tellWho();
  }

  /** Lets the next build in. Rejects if the file cannot be used. */
  async leave(): Promise<void> {
    if (!this.#isHeld) return;
    await promises.rm(this.#marker, { force: true });
    this.#isHeld = false;
    await this.#adapter?.query('COMMIT');
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    const adapter = this.#adapter;
    this.#adapter = undefined;
    this.#isAttached = false;
    this.#isHeld = false;
    await adapter?.disconnect();
  }

  /** The adapter writes to what it opens, which fails while others hold it: so that is nothing. */
  async #open(): Promise<SqliteAdapter> {
    if (this.#adapter !== undefined) return this.#adapter;
    const { file } = this.#options;
    await prepareFolder(dirname(file));
    await promises.writeFile(file, '', { flag: 'a', mode: 0o600 });
    const KeyvSqlite = importAdapter();
    const adapter = new KeyvSqlite({ uri: 'sqlite://:memory:' });
    // Trouble comes by the queries as well; unheard, the event would end the process.
    adapter.on('error', () => undefined);
    await adapter.query('PRAGMA busy_timeout = 0');
    this.#adapter = adapter;
    return adapter;
  }

  /** Whether the lock could be taken; attaching looks into the file, which the holder prevents. */
  async #hasTaken(adapter: SqliteAdapter): Promise<boolean> {
    try {
      if (!this.#isAttached) {
        await adapter.query('ATTACH DATABASE ? AS workspace', this.#options.file);
        this.#isAttached = true;
      }
      await adapter.query('BEGIN EXCLUSIVE');
      return true;
    } catch (error) {
      if (/SQLITE_BUSY/.test(String(error))) return false;
      throw error;
    }
  }

  async #holder(): Promise<Holder | undefined> {
    try {
      const text = await promises.readFile(this.#marker, 'utf8');
      const { token, pid, command } = JSON.parse(text) as Partial<Holder>;
      if (typeof token !== 'string' || typeof pid !== 'number' || typeof command !== 'string') {
        return undefined;
      }
      return { token, pid, command };
    } catch {
      // It may not have got as far; who it is matters only to the one who waits.
      return undefined;
    }
  }

  /** Who only looks at what is known must see that it may change: before anything of it does. */
  #tellWho(): void {
    const { file } = this.#options;
    const self = this.#options.self();
    const temporary = `${file}.${self.token}`;
    writeFileSync(temporary, JSON.stringify(self), { mode: 0o600 });
    renameSync(temporary, this.#marker);
  }
}
