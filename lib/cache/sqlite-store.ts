import { chmod, lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ownUserId } from './platform.ts';
import type { Store } from './store.ts';

/** What of `@keyv/sqlite` is used: its bulk statements, since key by key it is a hundred times slower. */
interface SqliteAdapter {
  query(sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]>;
  disconnect(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** The cache cannot be used; the message says why and what to do. */
export class StoreTrouble extends Error {
  override readonly name = 'StoreTrouble';
}

const busyTimeoutMs = 5000;
const openTries = 3;

/**
 * Records in a SQLite file, in rows as Keyv writes them. A damaged file is set aside. While nothing
 * is being written the open file does not keep Node from ending.
 *
 * @param onRecovered Told when a damaged file was set aside, with its new name.
 * @throws StoreTrouble (by rejecting) if there is no way to use the file
 */
export async function openSqliteStore(
  file: string,
  onRecovered: (aside: string) => void,
): Promise<Store> {
  await prepareFolder(dirname(file));
  await refuseUnsafeFile(file);
  return storeOn(await openSound(file, onRecovered));
}

async function openSound(
  file: string,
  onRecovered: (aside: string) => void,
): Promise<SqliteAdapter> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openAdapter(file);
    } catch (error) {
      if (attempt >= openTries) throw trouble(error);
      if (isDamage(error)) onRecovered(await setAside(file));
      else if (!isBusy(error)) throw trouble(error);
    }
  }
}

async function openAdapter(file: string): Promise<SqliteAdapter> {
  const KeyvSqlite = await importAdapter();
  await makePrivate(file);
  // A URI has its special characters escaped; the adapter takes off the scheme only.
  const adapter = new KeyvSqlite({ uri: `sqlite://${file}`, busyTimeout: busyTimeoutMs });
  // Trouble comes by the queries as well; unheard, the event would end the process.
  adapter.on('error', () => undefined);
  try {
    await adapter.query('PRAGMA journal_mode = WAL');
    await adapter.query('PRAGMA synchronous = NORMAL');
    const [row] = await adapter.query('PRAGMA quick_check(1)');
    if (row?.['quick_check'] !== 'ok') throw new Error('SQLITE_CORRUPT: quick_check failed');
    return adapter;
  } catch (error) {
    await adapter.disconnect().catch(() => undefined);
    throw error;
  }
}

async function importAdapter(): Promise<new (options: object) => SqliteAdapter> {
  try {
    const { KeyvSqlite } = await import('@keyv/sqlite');
    return KeyvSqlite as unknown as new (
      options: object,
    ) => SqliteAdapter;
  } catch (error) {
    throw new StoreTrouble(
      'the native part of @keyv/sqlite is missing. Build it with `npm rebuild sqlite3` ' +
        '(npm may first have to allow its install script: `npm install-scripts approve sqlite3`)',
      { cause: error },
    );
  }
}

const prefix = 'parproc:';

function storeOn(adapter: SqliteAdapter): Store {
  return {
    async loadAll() {
      const rows = await adapter.query('SELECT key, value FROM keyv');
      const all = new Map<string, string>();
      for (const { key, value } of rows) {
        const text = typeof value === 'string' ? unwrapped(value) : undefined;
        if (typeof key === 'string' && key.startsWith(prefix) && text !== undefined) {
          all.set(key.slice(prefix.length), text);
        }
      }
      return all;
    },
    async commit(batch) {
      const rows = [...batch].map(([key, value]) => [prefix + key, JSON.stringify({ value })]);
      await adapter.query(
        `INSERT OR REPLACE INTO keyv (key, value)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)`,
        JSON.stringify(rows),
      );
    },
    close: () => adapter.disconnect(),
  };
}

function unwrapped(row: string): string | undefined {
  try {
    const { value } = JSON.parse(row) as { readonly value?: unknown };
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The folder is ours alone, and git does not see it. */
async function prepareFolder(folder: string): Promise<void> {
  try {
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (created === undefined && basename(folder) !== '.parproc') return;
    await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
  } catch (error) {
    throw trouble(error);
  }
}

/** A cache that others can write to is no cache: its results would be theirs. */
async function refuseUnsafeFile(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) throw new StoreTrouble(`${file} is a symbolic link. Remove it`);
  if (!stats.isFile()) throw new StoreTrouble(`${file} is no file. Choose another path`);
  if (ownUserId === undefined) return;
  if (stats.uid !== ownUserId) throw new StoreTrouble(`${file} belongs to another user. Remove it`);
  if ((stats.mode & 0o022) !== 0) {
    throw new StoreTrouble(`others may write to ${file}. Remove it, or run: chmod 600 ${file}`);
  }
}

/** Before SQLite opens it: the files that it puts beside it get the same mode. */
async function makePrivate(file: string): Promise<void> {
  await writeFile(file, '', { flag: 'a', mode: 0o600 });
  await chmod(file, 0o600);
}

/** One damaged file is kept, for whoever wants to look into it. */
async function setAside(file: string): Promise<string> {
  const aside = `${file}.corrupt`;
  await rename(file, aside);
  for (const suffix of ['-wal', '-shm', '-journal']) await rm(file + suffix, { force: true });
  return aside;
}

function isDamage(error: unknown): boolean {
  return /SQLITE_(?:NOTADB|CORRUPT)/.test(String(error));
}

function isBusy(error: unknown): boolean {
  return /SQLITE_BUSY/.test(String(error));
}

function trouble(error: unknown): StoreTrouble {
  if (error instanceof StoreTrouble) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreTrouble(message, { cause: error });
}
