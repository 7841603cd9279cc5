import { lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/sha256.ts';
import type { OutputChunk } from '../model/run-event.ts';
import type { FileDigest } from './file-listing.ts';
import { fileState } from './file-state.ts';
import type { ObjectStore } from './object-store.ts';
import type { FileState } from './verdict.ts';

/** What a task once came to, and what it had read besides what it declares. */
export interface Edition {
  /** Digests of the params that were read, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** Files and folders that the task found out it reads, and the files that these were. */
  readonly discovered: readonly string[];
  readonly found: readonly FileDigest[];
  readonly outputs: readonly KeptOutput[];
  /** Those of them that it wrote through `ctx.dest()`, declared or not. */
  readonly written: readonly string[];
  /** Folders out of which goes what it wrote so before. */
  readonly pruned: readonly string[];
  /** Declared outputs that are folders. */
  readonly folders: readonly string[];
  /** Absent if the task returned nothing. */
  readonly value?: unknown;
  readonly outcome: string;
  /** What it wrote. */
  readonly log: readonly OutputChunk[];
}

/** A file that a task made. */
export type KeptOutput = readonly [path: string, digest: string, mode: number];

/** All that what a task comes to depends on, as far as it is known before the task runs. */
export interface Origin {
  readonly name: string;
  readonly definition: string;
  readonly args: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly deps: ReadonlyMap<string, string>;
  readonly inputs: readonly FileState[];
}

const schema = 2;
/** So many are kept that differ only in what a task has read besides what it declares. */
const mostAlike = 8;

/** What tasks came to before, with their outputs by content. Methods throw what `node:fs` does. */
export class Editions {
  readonly #objects: ObjectStore;
  readonly #workDir: string;

  constructor(objects: ObjectStore, workDir: string) {
    this.#objects = objects;
    this.#workDir = workDir;
  }

  /** What a task came to from this origin, the newest first. */
  of(origin: Origin): readonly Edition[] {
    const stored = this.#objects.readText(keyOf(origin));
    const body = stored.slice(65);
    if (stored.slice(0, 64) !== sha256(body)) return [];
    const { v, editions } = JSON.parse(body) as { v: number; editions: Edition[] };
    return v === schema ? editions : [];
  }

  /** Keeps an edition with its outputs as they are now; one with an output that is a link is not kept. */
  keep(origin: Origin, outputs: readonly FileState[], rest: Omit<Edition, 'outputs'>): void {
    const kept: KeptOutput[] = [];
    for (const { path, sha256: digest } of outputs) {
      const file = join(this.#workDir, path);
      const stats = lstatSync(file);
      if (!stats.isFile() || digest === undefined) return;
      this.#objects.keepFile(file, digest);
      kept.push([path, digest, stats.mode & 0o777]);
    }
    const edition: Edition = { ...rest, outputs: kept };
    const readOf = (each: Edition): string => canonicalJson([each.params, each.found]);
    const others = this.of(origin).filter((other) => readOf(other) !== readOf(edition));
    const editions = [edition, ...others].slice(0, mostAlike);
    const body = canonicalJson({ v: schema, editions });
    this.#objects.keepText(keyOf(origin), `${sha256(body)} ${body}`);
  }

  /** Whether `restore` can do what it says; nothing is changed. */
  canRestore(
    edition: Pick<Edition, 'outputs'>,
    present: readonly FileState[],
    own: ReadonlySet<string>,
  ): boolean {
    const { surplus, changed } = differences(edition, present);
    if (surplus.some(({ path }) => !own.has(path))) return false;
    return changed.every(([, digest]) => this.#objects.hasContent(digest));
  }

  /**
   * Makes the outputs of a task what they were in an edition.
   *
   * @param present The outputs that are there.
   * @param own Paths of what the task has made itself: nothing else is removed.
   * @returns Whether that was possible; if not, the task has to run.
   */
  restore(
    { outputs, folders }: Edition,
    present: readonly FileState[],
    own: ReadonlySet<string>,
  ): boolean {
    const edition = { outputs, folders };
    if (!this.canRestore(edition, present, own)) return false;
    const { surplus, changed } = differences(edition, present);
    for (const folder of folders) mkdirSync(join(this.#workDir, folder), { recursive: true });
    for (const { path } of surplus) this.#remove(path, folders);
    for (const [path, digest, mode] of changed) {
      const file = join(this.#workDir, path);
      this.#objects.restoreFile(digest, file, mode);
      if (fileState(this.#workDir, path).sha256 !== digest) return false;
    }
    return true;
  }

  /** Makes room if there is too much. */
  clear(): void {
    this.#objects.clear();
  }

  /** With the folders below `folders` that become empty. */
  #remove(path: string, folders: readonly string[]): void {
    rmSync(join(this.#workDir, path), { force: true });
    const isInside = (folder: string): boolean =>
      folders.some((each) => folder.startsWith(`${each}/`));
    for (let folder = dirname(path); isInside(folder); folder = dirname(folder)) {
      try {
        rmdirSync(join(this.#workDir, folder));
      } catch {
        // There is something else in it.
        return;
      }
    }
  }
}

/** The files that are there and not in an edition, and those of it that are not there as they were. */
function differences(
  { outputs }: Pick<Edition, 'outputs'>,
  present: readonly FileState[],
): { readonly surplus: readonly FileState[]; readonly changed: readonly KeptOutput[] } {
  const wanted = new Set(outputs.map(([path]) => path));
  const digests = new Map(present.map(({ path, sha256: digest }) => [path, digest]));
  return {
    surplus: present.filter(({ path }) => !wanted.has(path)),
    changed: outputs.filter(([path, digest]) => digests.get(path) !== digest),
  };
}

function keyOf({ inputs, deps, ...rest }: Origin): string {
  const files = inputs.map(({ path, sha256: digest }) => [path, digest ?? 'missing']);
  const others = [...deps].sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(canonicalJson([schema, rest, files, others]));
}
