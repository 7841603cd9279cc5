import type { KeyvLike } from '../model/options.ts';
import { type Store, StoreTrouble } from './store.ts';

const prefix = 'parproc:';

/**
 * Texts in a Keyv instance of the user's. It cannot list its keys and writes one after the other, so
 * a build that is cut short may have to do more again than with a file. It is never disconnected.
 */
export function keyvStore(keyv: KeyvLike): Store {
  let failure: unknown;
  // Without a listener some versions throw, and most report trouble in no other way.
  const onError = (error: unknown): void => {
    failure = error;
  };
  keyv.on?.('error', onError);

  async function sound<T>(work: Promise<T>): Promise<T> {
    const done = await work.catch(onError);
    if (failure !== undefined) throw troubleOf(failure);
    return done as T;
  }
  const textOf = async (key: string): Promise<string | undefined> => {
    const value = await sound(keyv.get(prefix + key));
    return typeof value === 'string' ? value : undefined;
  };
  return {
    async read(keys) {
      const texts = await Promise.all(keys.map(async (key) => [key, await textOf(key)] as const));
      return new Map(texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])));
    },
    readAll: () => Promise.resolve(undefined),
    async write(entries, guarded) {
      for (const [key, text] of entries) {
        const isOurs = guarded?.key !== key || ((await textOf(key)) ?? '') === guarded.before;
        const isSet = await sound(keyv.set(prefix + key, isOurs ? text : ''));
        if (isSet === false) throw troubleOf(`'${prefix + key}' could not be set`);
      }
    },
    async remove(keys) {
      for (const key of keys) await sound(keyv.delete(prefix + key));
    },
    // Nothing tells it.
    hasChanged: () => Promise.resolve(true),
    settle: () => Promise.resolve(),
    close() {
      keyv.off?.('error', onError);
      return Promise.resolve();
    },
  };
}

function troubleOf(cause: unknown): StoreTrouble {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreTrouble(`the Keyv instance of the option cache does not work: ${why}`, { cause });
}
