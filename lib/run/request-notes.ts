import { resolve } from 'node:path';
import { GrowthNotes } from '../cache/growth-notes.ts';
import type { Catalog } from '../graph/graph.ts';
import { RecalledGrowth } from '../graph/recalled-growth.ts';
import type { Settings } from '../model/options.ts';
import { host } from './host.ts';

export type { RecalledGrowth };

/** What requests came to in earlier processes: lies beside the cache, if that is a file. */
export class RequestNotes {
  readonly #notes: GrowthNotes | undefined;

  constructor({ cache }: Pick<Settings, 'cache'>) {
    const file = typeof cache === 'string' ? resolve(host.workDir(), cache) : undefined;
    this.#notes = file === undefined ? undefined : new GrowthNotes(`${file}-requests`);
  }

  /** What a request for `names` came to once, if it comes to that again. */
  recall(names: readonly string[], catalog: Catalog): RecalledGrowth | undefined {
    const text = this.#notes?.read(names);
    return text && RecalledGrowth.of(text, names, catalog);
  }

  /** Keeps the note of what a request has come to. */
  keep(names: readonly string[], text: string): void {
    this.#notes?.write(names, text);
  }
}
