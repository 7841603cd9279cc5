import type { KeyvLike } from '../model/options.ts';
import { memoryStore, type Store } from './store.ts';

/** Where records are kept, and how. */
export interface CacheStoreOptions {
  /** An absolute path, or a Keyv instance. */
  readonly at: string | KeyvLike;
  /** Whether nothing may be written anywhere. */
  readonly isReadOnly: boolean;
  /** Told when a damaged file was set aside, with its new name. */
  readonly onRecovered: (aside: string) => void;
}

/**
 * Opens what records are kept in.
 *
 * @param isDamaged Whether what it holds is of no use.
 * @throws StoreTrouble (by rejecting) if there is no way to use it
 */
export async function openCacheStore(
  { at, isReadOnly, onRecovered }: CacheStoreOptions,
  isDamaged: boolean,
): Promise<Store> {
  if (!isReadOnly) {
    if (typeof at !== 'string') return (await import('./keyv-store.ts')).keyvStore(at);
    const { openSqliteStore } = await import('./sqlite-store.ts');
    return openSqliteStore({ file: at, isDamaged, onRecovered });
  }
  if (isDamaged) return memoryStore();
  if (typeof at === 'string') return storeOfCopy(at);
  const { keyvStore } = await import('./keyv-store.ts');
  return { ...keyvStore(at), ...withoutWrites };
}

const withoutWrites = {
  write: () => Promise.resolve(),
  remove: () => Promise.resolve(),
} satisfies Partial<Store>;

/** SQLite writes beside a file even to read it, and mends what a crash has left. */
async function storeOfCopy(file: string): Promise<Store> {
  const { copyOfCache } = await import('./cache-copy.ts');
  const { openSqliteStore } = await import('./sqlite-store.ts');
  const copy = await copyOfCache(file);
  if (copy === undefined) return memoryStore();
  try {
    const onRecovered = (): void => undefined;
    const store = await openSqliteStore({ file: copy.file, isDamaged: false, onRecovered });
    try {
      return memoryStore(await store.readAll());
    } finally {
      await store.close();
    }
  } finally {
    await copy.remove();
  }
}
