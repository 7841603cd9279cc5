import {
  editionOf,
  headKey,
  lineageKey,
  type RecordsEdition,
  recordDigest,
  type WholeHead,
  wholeHeadIn,
} from './edition.ts';
import { encodeHead } from './head.ts';
import { type Ancestor, decodeLineage, descended, encodeLineage } from './lineage.ts';
import { decodeRecord, encodeRecord, type TaskRecord } from './record.ts';
import { encodeSnapshot, isLong, type Kept, Snapshot } from './snapshot.ts';
import { memoryStore, type Store, StoreTrouble } from './store.ts';
import type { Copied, StoreCopy } from './store-copy.ts';

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
  readonly aside: {
    restore(text: string): void;
    takeText(): string | undefined;
    readonly isChanged: boolean;
  };
  /** Where what a run with nothing to do needs is kept as well; undefined: nowhere. */
  readonly copy?: StoreCopy | undefined;
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
/** So many records are read one by one, rather than all in one piece. */
const mostFetched = 300;
/** A record of more characters is not left beside a snapshot, since it takes long to read. */
const longBeside = 100_000;
/** No task has such a name, nor that of the head. */
const snapshotKey = '[snapshot]';
const asideKey = '[globs]';

/** The records of all tasks: in memory, and in a store as long as that works. No method rejects. */
export class Records {
  readonly #options: RecordsOptions;
  #store: Store = memoryStore();
  #isOpen = false;
  #snapshot: Snapshot | undefined;
  /** What makes the snapshot, as long as nobody has asked for it. */
  #readSnapshot: (() => Snapshot | undefined) | undefined;
  /** What was taken from the snapshot, written since or put; it counts, not the snapshot. */
  readonly #kept = new Map<string, Kept>();
  /** Names in the snapshot whose record there is of no use. */
  readonly #lost = new Set<string>();
  /** Which snapshot is in the store; empty if none of use is. */
  #snapshotId = '';
  /** Whether its copy is damaged or gone: it is still in the store. */
  #isUnreadable = false;
  /** Earlier ones, in which most records are the same. */
  #ancestors: readonly Ancestor[] = [];
  /** Names whose result is in their own record only, in that snapshot. */
  #incomplete: readonly string[] = [];
  /** What stands at the head of the store, unless somebody else has written. */
  #headText = '';
  /** Names whose newest record is not in the stored snapshot. */
  readonly #beside = new Set<string>();
  #isSnapshotDue = false;
  /** Which records were peeked at, or copied. */
  #edition: RecordsEdition | undefined;
  /** The stamp of the copy that was read instead of the store, as long as the store is not open. */
  #peeked: string | undefined;
  /** Whether something was put that could not be kept. */
  #hasPut = false;
  /** The stamp of the copy that there is of the open store. */
  #copyStamp: string | undefined;
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

  /**
   * Takes what the copy of the store holds, which is quick. What is put is not kept then, until the
   * store itself is opened.
   *
   * @returns Whether there is a copy.
   */
  async peek(): Promise<boolean> {
    if (this.#isOpen) return false;
    if (this.isAsPeeked) return true;
    this.#peeked = undefined;
    const copied = this.#options.copy?.read();
    if (copied === undefined || !(await this.#takeCopy(copied))) return false;
    this.#peeked = copied.stamp;
    this.#hasPut = false;
    return true;
  }

  /**
   * Which records there are, as long as all is as it was when it was peeked at, or when the open store was copied;
   * undefined if that is not known.
   */
  get edition(): RecordsEdition | undefined {
    if (this.#isOpen) {
      const isCopied =
        this.#copyStamp !== undefined && this.#options.copy?.isStill(this.#copyStamp);
      return isCopied === true ? this.#edition : undefined;
    }
    return this.#peeked === undefined || this.#hasPut ? undefined : this.#edition;
  }

  /** Whether all is as it was when it was peeked at, and nothing has to be written. */
  get isAsPeeked(): boolean {
    if (this.#peeked === undefined || this.#hasPut || this.#isSnapshotDue) return false;
    return !this.#options.aside.isChanged && this.#options.copy?.isStill(this.#peeked) === true;
  }

  /**
   * Opens the store; from then on what is put is written to it. It is read, unless all is known that is
   * in it by a `peek`.
   *
   * @returns Whether that was so.
   */
  async open(): Promise<boolean> {
    const stamp = this.#peeked;
    const isKnown = stamp !== undefined && this.#options.copy?.isStill(stamp) === true;
    this.#peeked = undefined;
    this.#copyStamp = isKnown ? stamp : undefined;
    try {
      this.#store = await this.#options.open(false);
      this.#isOpen = true;
      if (isKnown) this.#store.prepareToWrite?.();
      else await this.#load(this.#store);
    } catch (error) {
      await this.#giveUp(error);
    }
    return isKnown && this.#isOpen && !this.#hasPut;
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

  /** What is known of a task without a look at the snapshot; it does not count as used. */
  getKept(name: string): TaskRecord | undefined {
    return this.#kept.get(name)?.record;
  }

  /**
   * Reads what is known of tasks, each for itself: quicker than to read all records if these are few. Only for
   * an open store.
   */
  async fetch(names: readonly string[]): Promise<void> {
    const wanted = names.filter((name) => !this.#kept.has(name) && !this.#lost.has(name));
    if (this.#readSnapshot === undefined || !this.#isOpen || wanted.length > mostFetched) return;
    try {
      const texts = await this.#store.read(wanted);
      for (const name of wanted) {
        const text = texts.get(name);
        const record = text === undefined ? undefined : decodeRecord(name, text);
        if (this.#kept.has(name)) continue;
        if (record === undefined) this.#lost.add(name);
        else this.#kept.set(name, { record, usedAt: record.recordedAt });
      }
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  /** Whether what is known of a task was read for itself, and the others were not read so far. */
  isFetched(name: string): boolean {
    return this.#readSnapshot !== undefined && (this.#kept.has(name) || this.#lost.has(name));
  }

  /** Whether what is known of some task fits, or not all is known; it does not count as used. */
  some(fits: (record: TaskRecord, name: string) => boolean): boolean {
    if (this.#snapshotId !== '' && this.snapshot === undefined) return true;
    return [...this.#all()].some(([name, { record }]) => fits(record, name));
  }

  /** The snapshot, if there is one. */
  get snapshot(): Snapshot | undefined {
    const read = this.#readSnapshot;
    if (read === undefined) return this.#snapshot;
    this.#readSnapshot = undefined;
    this.#snapshot = read();
    if (this.#snapshot === undefined) {
      // As if there had been no copy: what was found so far does not count.
      this.#peeked = undefined;
      this.#isUnreadable = true;
    }
    return this.#snapshot;
  }

  /** Whether the snapshot has not got the newest record of a task; undefined if it has those of all. */
  get isOutdated(): ((name: string) => boolean) | undefined {
    if (this.#lost.size + this.#beside.size === 0) return undefined;
    return (name) => this.#lost.has(name) || this.#beside.has(name);
  }

  /** What was last used before this is to be noted as used, in milliseconds since 1970. */
  get usedSince(): number {
    return this.#options.clock() - usedWithinMs;
  }

  /** Replaces what is known of a task. What is put while a batch is being written is the next one. */
  put(name: string, record: TaskRecord): void {
    this.#hasPut = true;
    if (this.#peeked !== undefined) return;
    this.#kept.set(name, { record, usedAt: this.#options.clock() });
    this.#beside.add(name);
    this.#pending.set(name, record);
    if (this.#pending.size > 1) return;
    // In the next turn: what one task has come to is often followed by the beginning of another, in one write.
    setImmediate(() => void this.flush());
  }

  /** Resolves when all that was put is in the store. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  /**
   * Resolves when all is in the store, and in a form that is read quickly.
   *
   * @param isAlone Whether nobody else can write to the store now: only then is it copied.
   */
  async settle(isAlone = false): Promise<void> {
    await this.flush();
    this.#writing = this.#writing.then(async () => {
      await this.#writeSnapshot();
      await this.#writeAside();
      if (isAlone) await this.#makeCopy();
    });
    await this.#writing;
  }

  /** Writes what is left and closes the store. */
  async close(): Promise<void> {
    await this.settle();
    await this.#leaveStore();
  }

  async #load(store: Store): Promise<void> {
    this.#forgetAll();
    const texts = await store.read([headKey, snapshotKey, asideKey, lineageKey]);
    const head = this.#takeHead(texts);
    const snapshot = Buffer.from(texts.get(snapshotKey) ?? '');
    this.#snapshot = head === undefined ? undefined : snapshotOf(head, snapshot);
    this.#snapshotId = this.#snapshot === undefined ? '' : idOf(snapshot);
    this.#incomplete = this.#snapshot?.incomplete ?? [];
    if (head === undefined || this.#snapshot === undefined) {
      const all = (await store.readAll()) ?? new Map<string, string>();
      for (const [name, text] of all) if (!isOurs(name)) this.#take(name, text);
      return;
    }
    const beside = head.beside.length === 0 ? texts : await store.read(head.beside);
    for (const name of head.beside) this.#take(name, beside.get(name));
    await this.#completeSnapshot(store);
  }

  /** Takes in what a copy holds; the snapshot is left until somebody asks for it. @returns Whether it is whole. */
  async #takeCopy({ texts, snapshot }: Copied): Promise<boolean> {
    this.#forgetAll();
    const head = this.#takeHead(texts);
    if (head === undefined) return false;
    this.#snapshotId = head.snapshot;
    this.#edition = editionOf(head, texts);
    this.#readSnapshot = () => {
      const text = snapshot();
      return text && snapshotOf(head, text);
    };
    for (const name of head.beside) this.#take(name, texts.get(name));
    this.#incomplete = [...texts.keys()].filter((key) => !isOurs(key) && !this.#beside.has(key));
    if (this.#incomplete.length === 0) return true;
    await this.#completeSnapshot(memoryStore(texts));
    return this.#snapshot !== undefined;
  }

  #forgetAll(): void {
    this.#snapshot = undefined;
    this.#readSnapshot = undefined;
    this.#isUnreadable = false;
    this.#kept.clear();
    this.#lost.clear();
    this.#beside.clear();
  }

  /** @returns The head, if the snapshot counts. */
  #takeHead(texts: ReadonlyMap<string, string>): WholeHead | undefined {
    this.#options.aside.restore(texts.get(asideKey) ?? '');
    this.#headText = texts.get(headKey) ?? '';
    const head = wholeHeadIn(texts);
    this.#ancestors = head ? decodeLineage(texts.get(lineageKey) ?? '', head.snapshot) : [];
    return head;
  }

  /** Long results are only in the records themselves. */
  async #completeSnapshot(store: Store): Promise<void> {
    const incomplete = (this.snapshot?.incomplete ?? []).filter((name) => !this.#beside.has(name));
    if (incomplete.length === 0) return;
    const found = await store.read(incomplete);
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
    const kept = this.snapshot?.get(name);
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
      this.#isSnapshotDue ||= records.some(([, text]) => text.length > longBeside);
      await this.#writeWithHead((head) => [head, ...records]);
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  async #writeAside(): Promise<void> {
    const text = this.#isOpen ? this.#options.aside.takeText() : undefined;
    if (text === undefined) return;
    try {
      this.#dropCopy();
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
      await this.#ensureSnapshot();
      const all = this.#all();
      const dropped = this.#unused(all);
      for (const name of dropped) this.#forget(name, all);
      const snapshot = encodeSnapshot(all);
      this.#ancestors = this.#ancestorsOfNext(all);
      this.#snapshotId = idOf(snapshot);
      const lineage = encodeLineage(this.#snapshotId, this.#ancestors);
      this.#incomplete = [...all].flatMap(([name, { record }]) =>
        isLong(record.value) ? [name] : [],
      );
      this.#beside.clear();
      await this.#writeWithHead((head) => [[snapshotKey, snapshot], [lineageKey, lineage], head]);
      if (dropped.length > 0) await this.#store.remove(dropped);
      this.#isSnapshotDue = false;
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  /** What was left in a file beside the store until somebody asks for it may be gone since. */
  async #ensureSnapshot(): Promise<void> {
    if (this.snapshot !== undefined || !this.#isUnreadable) return;
    const texts = await this.#store.read([snapshotKey]);
    const text = Buffer.from(texts.get(snapshotKey) ?? '');
    if (idOf(text) === this.#snapshotId) this.#snapshot = Snapshot.decode(text);
  }

  /** Of the snapshot that holds `all`, and takes the place of the one that there is. */
  #ancestorsOfNext(all: ReadonlyMap<string, Kept>): readonly Ancestor[] {
    if (this.#snapshotId === '') return [];
    const changed = Object.fromEntries(
      [...this.#beside].map((name) => {
        const kept = all.get(name);
        return [name, recordDigest(kept && encodeRecord(name, kept.record))];
      }),
    );
    return descended({ snapshot: this.#snapshotId, changed }, this.#ancestors);
  }

  async #writeWithHead(
    entriesWith: (head: readonly [string, string]) => readonly (readonly [string, string])[],
  ): Promise<void> {
    this.#dropCopy();
    const before = this.#headText;
    this.#headText = this.#head();
    const entries = new Map(entriesWith([headKey, this.#headText]));
    await this.#store.write(entries, { key: headKey, before });
  }

  #dropCopy(): void {
    this.#copyStamp = undefined;
    this.#options.copy?.drop();
  }

  /** A copy of all that a run with nothing to do reads, unless there is one. */
  async #makeCopy(): Promise<void> {
    const { copy } = this.#options;
    if (copy === undefined || !this.#isOpen || this.#snapshotId === '') return;
    if (this.#copyStamp !== undefined && copy.isStill(this.#copyStamp)) return;
    try {
      await this.#store.settle();
      const isCopied = copy.hasSnapshot(this.#snapshotId);
      const keys = [headKey, asideKey, lineageKey, ...this.#beside, ...this.#incomplete];
      const texts = await this.#store.read(isCopied ? keys : [...keys, snapshotKey]);
      // Somebody else has written: what is beside the snapshot is not known here.
      if (texts.get(headKey) !== this.#headText) return;
      const snapshot = texts.get(snapshotKey);
      const others = new Map([...texts].filter(([key]) => key !== snapshotKey));
      this.#copyStamp = copy.write(others, snapshot);
      const head = wholeHeadIn(others);
      this.#edition = head && editionOf(head, others);
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  /** From the first of too many records on, the snapshot does not count until there is a new one. */
  #head(): string {
    const isOutdated = this.#snapshotId === '' || this.#beside.size > mostBeside;
    const beside = isOutdated ? undefined : [...this.#beside];
    return encodeHead({ snapshot: this.#snapshotId, beside });
  }

  #all(): Map<string, Kept> {
    const all = new Map<string, Kept>();
    for (const name of this.snapshot?.names() ?? []) {
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
    this.#ancestors = [];
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

function snapshotOf(head: WholeHead, text: Buffer): Snapshot | undefined {
  return head.snapshot === idOf(text) ? Snapshot.decode(text) : undefined;
}

/** A snapshot begins with its checksum. */
function idOf(snapshot: string | Buffer): string {
  return typeof snapshot === 'string' ? snapshot.slice(0, 64) : snapshot.toString('latin1', 0, 64);
}

function isOurs(key: string): boolean {
  return [headKey, snapshotKey, asideKey, lineageKey].includes(key);
}
