import { resolve } from 'node:path';
import { GrowthNotes } from '../cache/growth-notes.ts';
import { StoredLook } from '../cache/last-look.ts';
import type { Catalog } from '../graph/graph.ts';
import type { Growth } from '../graph/grow-graph.ts';
import { noteOf } from '../graph/growth-note.ts';
import { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { Settings } from '../model/options.ts';
import { host } from './host.ts';

export type { RecalledGrowth, StoredLook };

/** What requests came to in earlier processes: lies beside the cache, if that is a file. */
export class RequestNotes {
  readonly #notes: GrowthNotes | undefined;

  constructor({ cache }: Pick<Settings, 'cache'>) {
    const file = typeof cache === 'string' ? resolve(host.workDir(), cache) : undefined;
    this.#notes = file === undefined ? undefined : new GrowthNotes(`${file}-requests`);
  }

  /** What a request for `names` came to once; it comes to that again if it is as before. */
  recall(names: readonly string[], catalog: Catalog): RecalledGrowth | undefined {
    const text = this.#notes?.read(names);
    return text && RecalledGrowth.of(text, names, catalog);
  }

  /** Notes what a request has come to; tells how that will be recalled, if it will. */
  note(names: readonly string[], catalog: Catalog, growth: Growth): RecalledGrowth | undefined {
    const text = this.#notes && noteOf(names, catalog, growth);
    if (text === undefined) return undefined;
    this.#notes?.write(names, text);
    return RecalledGrowth.of(Buffer.from(text), names, catalog);
  }

  /** What the last look at the tasks of a request has found. */
  readLook(names: readonly string[]): StoredLook | undefined {
    const bytes = this.#notes?.readLook(names);
    return bytes && StoredLook.decode(bytes, this.#notes?.readNews(names));
  }

  /** Keeps what has become of some of the tasks since the look. */
  keepNews(names: readonly string[], news: string): void {
    this.#notes?.writeNews(names, news);
  }

  /** Keeps what a look at the tasks of a request has found. */
  keepLook(names: readonly string[], look: Buffer): void {
    this.#notes?.writeLook(names, look);
  }
}
