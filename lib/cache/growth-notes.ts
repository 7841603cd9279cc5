import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../base/sha256.ts';
import { isOurs, replaceFile } from './private-file.ts';

/** Nothing else is touched. */
const noteName = /^[0-9a-f]{16}(?:\.new)?$/;
/** Requests that come again and again are few. */
const mostNotes = 8;

/**
 * What requests came to (`graph/growth-note.ts`), in a file each. Nothing of it fails: without a note a
 * request is worked out anew.
 */
export class GrowthNotes {
  readonly #folder: string;

  /** @param folder Absolute. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The note on a request, if there is one. */
  read(names: readonly string[]): Buffer | undefined {
    const file = this.#fileOf(names);
    try {
      return isOurs(lstatSync(file)) ? readFileSync(file) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Writes the note on a request. */
  write(names: readonly string[], text: string): void {
    const file = this.#fileOf(names);
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#makeRoom(file);
      replaceFile(file, text);
    } catch {
      // As said.
    }
  }

  #makeRoom(file: string): void {
    const others = readdirSync(this.#folder)
      .filter((name) => noteName.test(name))
      .map((name) => join(this.#folder, name))
      .filter((each) => each !== file)
      .map((each) => ({ each, at: lstatSync(each).mtimeMs }))
      .sort((a, b) => b.at - a.at);
    for (const { each } of others.slice(mostNotes - 1)) rmSync(each, { force: true });
  }

  #fileOf(names: readonly string[]): string {
    return join(this.#folder, sha256(JSON.stringify(names)).slice(0, 16));
  }
}
