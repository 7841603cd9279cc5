/**
 * Reads a map that only grows, again and again, each time what has come since: so whoever keeps
 * an index over a map of somebody else's pays for each entry once.
 */
export class MapNews<K, V> {
  readonly #entries: Iterator<readonly [K, V]>;
  readonly #map: ReadonlyMap<K, V>;
  #readCount = 0;

  constructor(map: ReadonlyMap<K, V>) {
    this.#map = map;
    this.#entries = map.entries();
  }

  /** The entries that have not been read yet. */
  *read(): Iterable<readonly [K, V]> {
    // An iterator that has once said that it is done stays so: it must not be asked too often.
    while (this.#readCount < this.#map.size) {
      const next = this.#entries.next();
      if (next.done === true) throw new Error('Internal error: entries were taken out of a map');
      this.#readCount++;
      yield next.value;
    }
  }
}
