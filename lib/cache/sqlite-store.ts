import { chmod, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { prepareFolder } from './cache-folder.ts';
import { ownUserId } from './platform.ts';
import { importAdapter, type Queries, type SqliteAdapter } from './sqlite-adapter.ts';
import { statsOf } from './stats-of.ts';
import { type Guarded, type Store, StoreTrouble } from './store.ts';

const busyTimeoutMs = 5000;
const openTries = 3;

/** How a SQLite file is opened. */
export interface SqliteOptions {
  readonly file: string;
  /** Whether a file that is there is of no use, so that it is to be set aside. */
  readonly isDamaged: boolean;
  /** Told when a damaged file was set aside, with its new name. */
  readonly onRecovered: (aside: string) => void;
}

/**
 * Texts in a SQLite file, in rows as Keyv writes them. A damaged file is set aside. While nothing
 * is being written the open file does not keep Node from ending.
 *
 * @throws StoreTrouble (by rejecting) if there is no way to use the file
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { file, isDamaged, onRecovered } = options;
  try {
    await prepareFolder(dirname(file));
    await refuseUnsafeFile(file);
    if (isDamaged) onRecovered(await setAside(file));
    return await storeOn(await openSound(file, onRecovered), file);
  } catch (error) {
    throw trouble(error);
  }
}

async function openSound(
  file: string,
  onRecovered: (aside: string) => void,
): Promise<SqliteAdapter> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openAdapter(file);
    } catch (error) {
      if (attempt >= openTries) throw error;
      if (isDamage(error)) onRecovered(await setAside(file));
      else if (!isBusy(error)) throw error;
    }
  }
}

async function openAdapter(file: string): Promise<SqliteAdapter> {
  const KeyvSqlite = importAdapter();
  await makePrivate(file);
  // A URI has its special characters escaped; the adapter takes off the scheme only.
  const adapter = new KeyvSqlite({ uri: `sqlite://${file}`, busyTimeout: busyTimeoutMs });
  // Trouble comes by the queries as well; unheard, the event would end the process.
  adapter.on('error', () => undefined);
  try {
    await adapter.query('PRAGMA journal_mode = WAL');
    await adapter.query('PRAGMA synchronous = NORMAL');
    return adapter;
  } catch (error) {
    await adapter.disconnect().catch(() => undefined);
    throw error;
  }
}

const prefix = 'parproc:';
/** Texts longer than this have a row that is written by itself, as they are. */
const longText = 100_000;

async function storeOn(driver: SqliteAdapter, file: string): Promise<Store> {
  const adapter: Queries = {
    async query(sql, ...params) {
      try {
        return await driver.query(sql, ...params);
      } catch (error) {
        throw trouble(error);
      }
    },
  };
  let state = await stateOf(adapter, file);
  let check: Promise<void> | undefined;
  // Texts that are read prove themselves by checksums, so a run that writes nothing can do without.
  const checked = (): Promise<void> => (check ??= quickCheck(adapter));
  return {
    prepareToWrite() {
      // Whoever writes is told of what is wrong.
      checked().catch(() => undefined);
    },
    async read(keys) {
      const list = JSON.stringify(keys.map((key) => prefix + key));
      const sql = 'SELECT key, value FROM keyv WHERE key IN (SELECT value FROM json_each(?))';
      return textsIn(await adapter.query(sql, list));
    },
    async readAll() {
      return textsIn(await adapter.query('SELECT key, value FROM keyv'));
    },
    async write(entries, guarded) {
      await checked();
      let batch: Row[] = [];
      for (const [key, text] of entries) {
        if (text.length <= longText) batch.push(rowOf(key, text, guarded));
        else {
          await insertAll(adapter, batch);
          batch = [];
          const sql = 'INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)';
          await adapter.query(sql, prefix + key, text);
        }
      }
      await insertAll(adapter, batch);
    },
    async remove(keys) {
      const list = JSON.stringify(keys.map((key) => prefix + key));
      const sql = 'DELETE FROM keyv WHERE key IN (SELECT value FROM json_each(?))';
      await adapter.query(sql, list);
    },
    async hasChanged() {
      const before = state;
      state = await stateOf(adapter, file);
      return state !== before;
    },
    async settle() {
      // As the last one does who closes the file.
      await adapter.query('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => driver.disconnect(),
  };
}

type Row = readonly [key: string, value: string, before: string | null];

function rowOf(key: string, text: string, guarded: Guarded | undefined): Row {
  const before = guarded?.key === key ? wrapped(guarded.before) : null;
  return [prefix + key, wrapped(text), before];
}

/** Short texts are in rows as Keyv writes them. */
function wrapped(text: string): string {
  return text === '' ? '' : JSON.stringify({ value: text });
}

/** One statement, and so all of it or nothing, and nobody comes between. */
async function insertAll(adapter: Queries, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await adapter.query(
    `INSERT OR REPLACE INTO keyv (key, value)
     SELECT each.value ->> 0,
       CASE WHEN each.value ->> 2 IS NULL OR each.value ->> 2 = coalesce(
         (SELECT old.value FROM keyv AS old WHERE old.key = each.value ->> 0), '')
       THEN each.value ->> 1 ELSE '' END
     FROM json_each(?) AS each`,
    JSON.stringify(rows),
  );
}

async function quickCheck(adapter: Queries): Promise<void> {
  const [row] = await adapter.query('PRAGMA quick_check(1)');
  if (row?.['quick_check'] === 'ok') return;
  throw trouble(new Error('SQLITE_CORRUPT: quick_check failed'));
}

/** Another one if another connection has written, or if another file is there. */
async function stateOf(adapter: Queries, file: string): Promise<string> {
  const [row] = await adapter.query('PRAGMA data_version');
  return `${String(row?.['data_version'])} ${statsOf(file)?.ino ?? 'gone'}`;
}

function textsIn(rows: readonly Record<string, unknown>[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { key, value } of rows) {
    if (typeof key !== 'string' || typeof value !== 'string' || !key.startsWith(prefix)) continue;
    const text = unwrapped(value);
    if (text !== undefined) texts.set(key.slice(prefix.length), text);
  }
  return texts;
}

/** Long texts are in rows as they are. */
function unwrapped(row: string): string | undefined {
  if (!row.startsWith('{"value":')) return row;
  try {
    const { value } = JSON.parse(row) as { readonly value?: unknown };
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that others can write to is no cache: its results would be theirs. */
async function refuseUnsafeFile(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) throw new StoreTrouble(`${file} is a symbolic link. Remove it`, {});
  if (!stats.isFile()) throw new StoreTrouble(`${file} is no file. Choose another path`, {});
  if (ownUserId === undefined) return;
  if (stats.uid !== ownUserId)
    throw new StoreTrouble(`${file} belongs to another user. Remove it`, {});
  if ((stats.mode & 0o022) !== 0) {
    throw new StoreTrouble(`others may write to ${file}. Remove it, or run: chmod 600 ${file}`, {});
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

/** A constraint can fail only where an index does not go with its table. */
function isDamage(error: unknown): boolean {
  return /SQLITE_(?:NOTADB|CORRUPT|CONSTRAINT)/.test(String(error));
}

function isBusy(error: unknown): boolean {
  return /SQLITE_BUSY/.test(String(error));
}

function trouble(error: unknown): StoreTrouble {
  if (error instanceof StoreTrouble) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreTrouble(message, { cause: error, isDamage: isDamage(error) });
}
