/** Where texts are kept between runs, by key. Every method rejects if it cannot do what it says. */
export interface Store {
  /** What there is of some keys. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** All there is; undefined for a store that cannot list its keys. */
  readAll(): Promise<ReadonlyMap<string, string> | undefined>;
  /**
   * Writes in this order: if it is cut short, what was written comes before what was not. If another
   * process has changed the text at `guarded`, that is left empty instead.
   */
  write(entries: ReadonlyMap<string, string>, guarded?: Guarded): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  /** It will be written to: whatever that needs can be done meanwhile. */
  prepareToWrite?(): void;
  /** Whether somebody else has written since this was last asked or the store was opened. */
  hasChanged(): Promise<boolean>;
  /** Brings what is kept into the form in which it stays when the store is closed. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** The store cannot be used; the message says why and what to do. */
export class StoreTrouble extends Error {
  override readonly name = 'StoreTrouble';
  /** Whether what is stored makes no sense any more, so that a new store would do. */
  readonly isDamage: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly isDamage?: boolean }) {
    super(message, { cause: options.cause });
    this.isDamage = options.isDamage ?? false;
  }
}

/** A key, and the text that is there unless somebody else has written: empty if there is none. */
export interface Guarded {
  readonly key: string;
  readonly before: string;
}

/** A store that holds some texts, and takes no others: what is to last as long as the process is elsewhere. */
export function memoryStore(texts: ReadonlyMap<string, string> = new Map()): Store {
  return {
    read: (keys) => {
      const found = keys.map((key) => [key, texts.get(key)] as const);
      return Promise.resolve(
        new Map(found.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))),
      );
    },
    readAll: () => Promise.resolve(texts),
    write: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    hasChanged: () => Promise.resolve(false),
    settle: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
