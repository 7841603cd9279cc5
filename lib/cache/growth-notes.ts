import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sha256 } from '../base/sha256.ts';
import { isOurs, replaceFile } from './private-file.ts';

/** Nothing else is touched. */
const noteName = /^[0-9a-f]{16}(?:-look|-news)?(?:\.new)?$/;
/** Requests that come again and again are few. */
const mostNotes = 8;

/**
 * What requests came to (`graph/growth-note.ts`), and what was found of their tasks (`last-look.ts`), in a
 * file each. Nothing of it fails: without them a request is worked out anew, and its tasks are looked at anew.
 */
export class GrowthNotes {
  readonly #folder: string;

  /** @param folder Absolute. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The note on a request, if there is one. */
  read(names: readonly string[]): Buffer | undefined {
    return contentOf(this.#fileOf(names));
  }

  /** Writes the note on a request. */
  write(names: readonly string[], text: string): void {
    this.#replace(this.#fileOf(names), text);
  }

  /** What the last look at the tasks of a request has found, if there was one. */
  readLook(names: readonly string[]): Buffer | undefined {
    return contentOf(this.#lookOf(names));
  }

  /** Writes what a look at the tasks of a request has found. */
  writeLook(names: readonly string[], look: Buffer): void {
    this.#replace(this.#lookOf(names), look);
  }

  /** What has become of some of the tasks since that look. */
  readNews(names: readonly string[]): Buffer | undefined {
    return contentOf(this.#newsOf(names));
  }

  /** Writes what has become of some of the tasks since that look. */
  writeNews(names: readonly string[], news: string): void {
    this.#replace(this.#newsOf(names), news);
  }

  #replace(file: string, content: string | Buffer): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#makeRoom(file);
      replaceFile(file, content);
    } catch {
      // As said.
    }
  }

  #makeRoom(file: string): void {
    const noteOf = (name: string): string => name.slice(0, 16);
    const files = readdirSync(this.#folder).filter((name) => noteName.test(name));
    const usedAt = new Map<string, number>();
    for (const name of files) {
      const at = lstatSync(join(this.#folder, name)).mtimeMs;
      usedAt.set(noteOf(name), Math.max(at, usedAt.get(noteOf(name)) ?? 0));
    }
    usedAt.delete(noteOf(basename(file)));
    const old = [...usedAt].sort(([, a], [, b]) => b - a).slice(mostNotes - 1);
    const dropped = new Set(old.map(([note]) => note));
    for (const name of files) {
      if (dropped.has(noteOf(name))) rmSync(join(this.#folder, name), { force: true });
    }
  }

  #fileOf(names: readonly string[]): string {
    return join(this.#folder, sha256(JSON.stringify(names)).slice(0, 16));
  }

  #lookOf(names: readonly string[]): string {
    return `${this.#fileOf(names)}-look`;
  }

  #newsOf(names: readonly string[]): string {
    return `${this.#fileOf(names)}-news`;
  }
}

function contentOf(file: string): Buffer | undefined {
  try {
    return isOurs(lstatSync(file)) ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}
