import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Readable, Transform } from 'node:stream';
import { test } from 'node:test';
import { cached, changed, type KeyvStore, remember } from '../../plugins/index.ts';
import { ResultStore } from '../../plugins/result-store.ts';
import { fileOf } from './files.ts';

/** A store that tells when the list of keys has been written, which is the last thing that happens. */
class TellingStore extends EventEmitter implements KeyvStore {
  readonly #texts = new Map<string, string>();

  get(key: string): Promise<unknown> {
    return Promise.resolve(this.#texts.get(key));
  }

  set(key: string, value: string): Promise<unknown> {
    this.#texts.set(key, value);
    if (key.endsWith(':keys')) this.emit('done');
    return Promise.resolve(true);
  }

  delete(key: string): Promise<unknown> {
    return Promise.resolve(this.#texts.delete(key));
  }

  /** What is kept, without what all keys have in front, and digests. */
  kept(): string[] {
    return [...this.#texts.keys()]
      .map((key) => key.replace('parproc-plugins:', '').replace(/[0-9a-f]{64}$/, '#'))
      .sort((a, b) => (a < b ? -1 : 1));
  }
}

const passing = (): Transform =>
  new Transform({ objectMode: true, transform: (file, _encoding, done) => done(null, file) });

test('what nobody has used for a month is dropped, with all that belongs to it', async () => {
  const cache = new TellingStore();
  const store = new ResultStore(cache);
  const run = async (...streams: NodeJS.ReadWriteStream[]) => {
    const done = once(cache, 'done');
    const source: NodeJS.ReadableStream = Readable.from([fileOf('a', 'x')]);
    streams.reduce((from, to) => from.pipe(to), source).resume();
    await done;
  };
  await run(changed('old', { cache }), remember('old'));
  await run(cached(passing, { key: 'old', cache }));
  const old = ['cached:old:#', 'changed:old', 'keys', 'remember:old:src/a', 'used:old'];
  assert.deepEqual(cache.kept(), old);
  const age = async (days: number) => {
    const known = (await store.get<[string, number][]>('keys')) ?? [];
    await store.set(
      'keys',
      known.map(([key, day]) => [key, day - days]),
    );
  };
  await age(30);
  await run(cached(passing, { key: 'new', cache }));
  const fresh = ['cached:new:#', 'keys', 'used:new'];
  assert.deepEqual(
    cache.kept(),
    [...old, ...fresh].filter((key, at, all) => all.indexOf(key) === at).sort(),
  );
  await age(1);
  await run(cached(passing, { key: 'new', cache }));
  assert.deepEqual(cache.kept(), fresh);
});
