/** What a store holds. */
export interface Stored {
  /** The last snapshot; undefined if there is none. */
  readonly snapshot: string | undefined;
  /** Records by key: those written after the snapshot, or all if there is none. */
  readonly records: ReadonlyMap<string, string>;
}

/** What is written at once. */
export interface Batch {
  readonly records: ReadonlyMap<string, string>;
  /** Stands for all records that were written before, and for those of this batch. */
  readonly snapshot?: string;
  /** Keys of records that the snapshot has left out. */
  readonly dropped?: readonly string[];
}

/** Where records are kept between runs, as text by key. Every method rejects if it cannot. */
export interface Store {
  load(): Promise<Stored>;
  /** All records, for when the snapshot is of no use; none where a store cannot list them. */
  loadAll(): Promise<ReadonlyMap<string, string>>;
  /** The records of some keys, as far as there are any. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes the records and the snapshot of `batch`, or nothing of it. */
  commit(batch: Batch): Promise<void>;
  /** Whether somebody else has written since `load`, or the store is no longer the same. */
  hasChanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** A store that lasts as long as the process. */
export function memoryStore(): Store {
  return {
    load: () => Promise.resolve({ snapshot: undefined, records: new Map() }),
    loadAll: () => Promise.resolve(new Map()),
    read: () => Promise.resolve(new Map()),
    commit: () => Promise.resolve(),
    hasChanged: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}
