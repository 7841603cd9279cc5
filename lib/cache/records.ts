import { decodeHead, encodeHead } from './head.ts';
import { decodeRecord, encodeRecord, type TaskRecord } from './record.ts';
import { encodeSnapshot, type Kept, Snapshot } from './snapshot.ts';
import { memoryStore, type Store, StoreTrouble } from './store.ts';

/** What `Records` needs. */
export interface RecordsOptions {
  /**
   * Opens the store; rejects if there is no way to use it.
   *
   * @param isDamaged Whether what it holds is of no use.
   */
  readonly open: (isDamaged: boolean) => Promise<Store>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Nothing can be kept any more; told once. */
  readonly onTrouble: (error: unknown) => void;
  /** What else is kept in the store: given back as it was, or empty. */
  readonly aside: { restore(text: string): void; takeText(): string | undefined };
  /** Whether a task of this name can still come about. */
  readonly isDefined: (name: string) => boolean;
}

const dayMs = 86_400_000;
/** Records of tasks that cannot come about any more are kept this long after their last use. */
const keptUnusedMs = 30 * dayMs;
/** How exact the time of the last use is: a run with nothing to do writes no more often. */
const usedWithinMs = 7 * dayMs;
/** As many records are read beside a snapshot, before there is a new one. */
const mostBeside = 100;
/** No task has such a name. */
const headKey = '[head]';
const snapshotKey = '[snapshot]';
const asideKey = '[globs]';

/** The records of all tasks: in memory, and in a store as long as that works. No method rejects. */
export class Records {
  readonly #options: RecordsOptions;
  #store: Store = memoryStore();
  #isOpen = false;
  #snapshot: Snapshot | undefined;
  /** What was taken from the snapshot, written since or put; it counts, not the snapshot. */
  readonly #kept = new Map<string, Kept>();
  /** Names in the snapshot whose record there is of no use. */
  readonly #lost = new Set<string>();
  /** Which snapshot is in the store; empty if none of use is. */
  #snapshotId = '';
  /** What stands at the head of the store, unless somebody else has written. */
  #headText = '';
  /** Names whose newest record is not in the stored snapshot. */
  readonly #beside = new Set<string>();
  #isSnapshotDue = false;
  #hasRecovered = false;
  #pending = new Map<string, TaskRecord>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  /** Whether what is put is kept. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Reads the store; from then on what is put is written to it. */
  async open(): Promise<void> {
    try {
      this.#store = await this.#options.open(false);
      this.#isOpen = true;
      await this.#load();
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  /** Reads the store again if somebody else has written to it, or if it was closed. */
  async refresh(): Promise<void> {
    await this.flush();
    if (!this.#isOpen) return;
    try {
      if (!(await this.#store.hasChanged())) return;
      await this.#store.close();
    } catch {
      // What cannot be asked is opened anew, which says what the trouble is.
    }
    await this.open();
  }

  /** What is known of a task; it is taken to be in use. */
  get(name: string): TaskRecord | undefined {
    const kept = this.#kept.get(name) ?? this.#fromSnapshot(name);
    if (kept === undefined) return undefined;
    const now = this.#options.clock();
    if (kept.usedAt >= now - usedWithinMs) return kept.record;
    this.#kept.set(name, { ...kept, usedAt: now });
    this.#isSnapshotDue = true;
    return kept.record;
  }

  /** The snapshot, if one was read. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /**
   * Whether the snapshot has the newest record of a task, and nothing has to be noted when it is used.
   *
   * @param usedAt What the snapshot says of that.
   */
  isInSnapshot(name: string, usedAt: number): boolean {
    if (this.#lost.has(name) || this.#beside.has(name)) return false;
    return usedAt >= this.#options.clock() - usedWithinMs;
  }

  /** Replaces what is known of a task. What is put while a batch is being written is the next one. */
  put(name: string, record: TaskRecord): void {
    this.#kept.set(name, { record, usedAt: this.#options.clock() });
    this.#beside.add(name);
    this.#pending.set(name, record);
    void this.flush();
  }

  /** Resolves when all that was put is in the store. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  /** Resolves when all is in the store, and in a form that is read quickly. */
  async settle(): Promise<void> {
    await this.flush();
    this.#writing = this.#writing.then(async () => {
      await this.#writeSnapshot();
      await this.#writeAside();
    });
    await this.#writing;
  }

  /** Writes what is left and closes the store. */
  async close(): Promise<void> {
    await this.settle();
    await this.#leaveStore();
  }

  async #load(): Promise<void> {
    this.#kept.clear();
    this.#lost.clear();
    this.#beside.clear();
    const texts = await this.#store.read([headKey, snapshotKey, asideKey]);
    this.#options.aside.restore(texts.get(asideKey) ?? '');
    this.#headText = texts.get(headKey) ?? '';
    const head = decodeHead(this.#headText);
    const snapshot = texts.get(snapshotKey) ?? '';
    const isWhole = head?.beside !== undefined && head.snapshot === idOf(snapshot);
    this.#snapshot = isWhole ? Snapshot.decode(snapshot) : undefined;
    this.#snapshotId = this.#snapshot === undefined ? '' : idOf(snapshot);
    if (head?.beside === undefined || this.#snapshot === undefined) {
      const all = (await this.#store.readAll()) ?? new Map<string, string>();
      for (const [name, text] of all) if (!isOurs(name)) this.#take(name, text);
      return;
    }
    const beside = head.beside.length === 0 ? texts : await this.#store.read(head.beside);
    for (const name of head.beside) this.#take(name, beside.get(name));
    await this.#completeSnapshot();
  }

  /** Long results are only in the records themselves. */
  async #completeSnapshot(): Promise<void> {
    const incomplete = (this.#snapshot?.incomplete ?? []).filter((name) => !this.#beside.has(name));
    if (incomplete.length === 0) return;
    const found = await this.#store.read(incomplete);
    for (const name of incomplete) {
      const text = found.get(name);
      const record = text === undefined ? undefined : decodeRecord(name, text);
      const kept = this.#fromSnapshot(name);
      const isIt = record !== undefined && record.recordedAt === kept?.record.recordedAt;
      if (kept !== undefined && isIt) this.#kept.set(name, { ...kept, record });
      else {
        this.#lost.add(name);
        this.#kept.delete(name);
      }
    }
  }

  /** A record that counts instead of the snapshot; without a sound one the task has none. */
  #take(name: string, text: string | undefined): void {
    this.#beside.add(name);
    this.#lost.add(name);
    const record = text === undefined ? undefined : decodeRecord(name, text);
    if (record !== undefined) this.#kept.set(name, { record, usedAt: record.recordedAt });
  }

  #fromSnapshot(name: string): Kept | undefined {
    if (this.#lost.has(name)) return undefined;
    const kept = this.#snapshot?.get(name);
    if (kept !== undefined) this.#kept.set(name, kept);
    return kept;
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const batch = this.#pending;
    this.#pending = new Map();
    if (!this.#isOpen) return;
    try {
      const records = [...batch].map(
        ([name, record]) => [name, encodeRecord(name, record)] as const,
      );
      await this.#writeWithHead((head) => [head, ...records]);
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  async #writeAside(): Promise<void> {
    const text = this.#isOpen ? this.#options.aside.takeText() : undefined;
    if (text === undefined) return;
    try {
      await this.#store.write(new Map([[asideKey, text]]));
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  async #writeSnapshot(): Promise<void> {
    if (!this.#isOpen) return;
    const isFirst = this.#snapshotId === '' && this.#kept.size > 0;
    if (!isFirst && !this.#isSnapshotDue && this.#beside.size <= mostBeside) return;
    try {
      const all = this.#all();
      const dropped = this.#unused(all);
      for (const name of dropped) this.#forget(name, all);
      const snapshot = encodeSnapshot(all);
      this.#snapshotId = idOf(snapshot);
      this.#beside.clear();
      await this.#writeWithHead((head) => [[snapshotKey, snapshot], head]);
      if (dropped.length > 0) await this.#store.remove(dropped);
      this.#isSnapshotDue = false;
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  async #writeWithHead(
    entriesWith: (head: readonly [string, string]) => readonly (readonly [string, string])[],
  ): Promise<void> {
    const before = this.#headText;
    this.#headText = this.#head();
    const entries = new Map(entriesWith([headKey, this.#headText]));
    await this.#store.write(entries, { key: headKey, before });
  }

  /** From the first of too many records on, the snapshot does not count until there is a new one. */
  #head(): string {
    const isOutdated = this.#snapshotId === '' || this.#beside.size > mostBeside;
    const beside = isOutdated ? undefined : [...this.#beside];
    return encodeHead({ snapshot: this.#snapshotId, beside });
  }

  #all(): Map<string, Kept> {
    const all = new Map<string, Kept>();
    for (const name of this.#snapshot?.names() ?? []) {
      const kept = this.#kept.get(name) ?? this.#fromSnapshot(name);
      if (kept !== undefined) all.set(name, kept);
    }
    for (const [name, kept] of this.#kept) all.set(name, kept);
    return all;
  }

  #unused(all: ReadonlyMap<string, Kept>): string[] {
    const { clock, isDefined } = this.#options;
    const oldest = clock() - keptUnusedMs;
    return [...all].flatMap(([name, { usedAt }]) =>
      usedAt < oldest && !isDefined(name) ? [name] : [],
    );
  }

  #forget(name: string, all: Map<string, Kept>): void {
    all.delete(name);
    this.#kept.delete(name);
    this.#lost.add(name);
  }

  async #giveUp(error: unknown): Promise<void> {
    await this.#leaveStore();
    if (this.#hasRecovered || !(error instanceof StoreTrouble) || !error.isDamage) {
      this.#options.onTrouble(error);
      return;
    }
    this.#hasRecovered = true;
    try {
      this.#store = await this.#options.open(true);
      this.#isOpen = true;
      await this.#writeAgain();
    } catch (again) {
      await this.#giveUp(again);
    }
  }

  /** Writes what is known to a store that holds nothing. */
  async #writeAgain(): Promise<void> {
    const all = this.#all();
    this.#snapshotId = '';
    this.#headText = '';
    for (const [name, { record }] of all) {
      this.#beside.add(name);
      this.#pending.set(name, record);
    }
    await this.#write();
  }

  async #leaveStore(): Promise<void> {
    const store = this.#store;
    this.#store = memoryStore();
    this.#isOpen = false;
    await store.close().catch(() => undefined);
  }
}

/** A snapshot begins with its checksum. */
function idOf(snapshot: string): string {
  return snapshot.slice(0, 64);
}

function isOurs(key: string): boolean {
  return [headKey, snapshotKey, asideKey].includes(key);
}
