import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { deserialize, serialize } from 'node:v8';
import Keyv from 'keyv';
import { digestOf } from './digests.ts';
import { importLate } from './import-late.ts';

/** As much of a Keyv instance as is used. */
export interface KeyvStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

const file = '.parproc/plugins.sqlite';
/** Builds side by side write one after the other. */
const busyTimeout = 10_000;
const prefix = 'parproc-plugins:';

/** What plugins keep from one run to the next. Trouble with it is told once and is no failure. */
export class ResultStore {
  #keyv: Promise<KeyvStore>;

  /** @param keyv Of the user. Default: a file, below the working directory. */
  constructor(keyv?: KeyvStore) {
    this.#keyv = keyv === undefined ? openFile(resolve(file)) : Promise.resolve(keyv);
  }

  /** What was kept, if it is whole. */
  async get<T>(key: string): Promise<T | undefined> {
    const text = await this.#calling((keyv) => keyv.get(prefix + key));
    if (typeof text !== 'string') return undefined;
    const at = text.indexOf(' ');
    const bytes = Buffer.from(text.slice(at + 1), 'base64');
    return digestOf(bytes) === text.slice(0, at) ? (deserialize(bytes) as T) : undefined;
  }

  async set(key: string, value: unknown): Promise<void> {
    const bytes = serialize(value);
    const text = `${digestOf(bytes)} ${bytes.toString('base64')}`;
    await this.#calling((keyv) => keyv.set(prefix + key, text));
  }

  async delete(key: string): Promise<void> {
    await this.#calling((keyv) => keyv.delete(prefix + key));
  }

  /** What cannot be used any more is replaced by memory. */
  async #calling<T>(call: (keyv: KeyvStore) => Promise<T>): Promise<T> {
    const keyv = this.#keyv;
    try {
      return await call(await keyv);
    } catch (error) {
      if (this.#keyv === keyv) this.#keyv = Promise.resolve(memory(error));
      return call(await this.#keyv);
    }
  }
}

async function openFile(path: string): Promise<KeyvStore> {
  const { KeyvSqlite } = await importLate<typeof import('@keyv/sqlite')>('@keyv/sqlite');
  mkdirSync(dirname(path), { recursive: true });
  const store = new KeyvSqlite({ uri: `sqlite://${path}`, busyTimeout });
  // Whoever waits for the database is told by a rejection; without a listener it would be thrown.
  store.on('error', () => undefined);
  await store.query('PRAGMA journal_mode = WAL');
  await store.query('PRAGMA synchronous = NORMAL');
  const keyv = new Keyv({ store, throwOnErrors: true, namespace: '' });
  keyv.on('error', () => undefined);
  return keyv as KeyvStore;
}

function memory(error: unknown): KeyvStore {
  const why = error instanceof Error ? error.message : String(error);
  process.emitWarning(
    `What plugins keep from one run to the next is lost when the program ends: ${why}\n` +
      'If the native part of sqlite3 is missing, build it with `npm rebuild sqlite3`.',
    { type: 'ParprocWarning', code: 'PARPROC_PLUGIN_CACHE' },
  );
  return new Keyv() as KeyvStore;
}

const stores = new Map<string, ResultStore>();

/** The store of `keyv`, or the one in the working directory, which streams of a process share. */
export function storeOf(keyv: KeyvStore | undefined): ResultStore {
  if (keyv !== undefined) return new ResultStore(keyv);
  const path = resolve(file);
  let store = stores.get(path);
  if (store === undefined) {
    store = new ResultStore();
    stores.set(path, store);
  }
  return store;
}
