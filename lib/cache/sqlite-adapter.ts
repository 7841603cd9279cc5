import { createRequire } from 'node:module';
import { StoreTrouble } from './store.ts';

const require = createRequire(import.meta.url);

/** Sends SQL to a database. */
export interface Queries {
  query(sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]>;
}

/** What of `@keyv/sqlite` is used: its bulk statements, since key by key it is a hundred times slower. */
export interface SqliteAdapter extends Queries {
  disconnect(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/**
 * `@keyv/sqlite`, loaded when it is needed.
 *
 * @throws StoreTrouble if its native part is missing
 */
export function importAdapter(): new (options: object) => SqliteAdapter {
  try {
    // Quicker than `import()`, and native parts block either way.
    const { KeyvSqlite } = require('@keyv/sqlite') as {
      readonly KeyvSqlite: new (options: object) => SqliteAdapter;
    };
    return KeyvSqlite;
  } catch (error) {
    throw new StoreTrouble(
      'the native part of @keyv/sqlite is missing. Build it with `npm rebuild sqlite3` ' +
        '(npm may first have to allow its install script: `npm install-scripts approve sqlite3`)',
      { cause: error },
    );
  }
}
