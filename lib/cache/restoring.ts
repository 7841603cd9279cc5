import { join } from 'node:path';
import type { TaskNode } from '../model/node.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { Written } from '../model/written.ts';
import { outputFolders } from './declared-files.ts';
import { type Edition, Editions, type Origin } from './editions.ts';
import type { NodeFiles } from './node-files.ts';
import { ObjectStore, type ObjectStoreOptions } from './object-store.ts';
import type { TaskRecord } from './record.ts';
import { paramDigest } from './value-digest.ts';
import type { FileState, Observation, Success } from './verdict.ts';

/** What was put back: an edition, and what is on disk now. */
export interface PutBack {
  readonly edition: Edition;
  readonly outputs: readonly FileState[];
  /** What the task wrote before and is still there. */
  readonly left: readonly FileState[];
  readonly found: readonly FileState[];
}

/** What `Restoring` needs. */
export interface RestoringOptions extends ObjectStoreOptions {
  /** Absolute. */
  readonly workDir: string;
  readonly files: NodeFiles;
  /** Removes what a task wrote before and not this time, and gives what else of it is there. */
  readonly prune: (node: TaskNode, written: Written) => readonly FileState[];
  /** Nothing can be kept or put back any more; told once. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Puts back what tasks made before from what they depend on now. Only outputs can be put back: a
 * task that has none has its effect elsewhere and runs. No method throws.
 */
export class Restoring {
  readonly #options: RestoringOptions;
  readonly #editions: Editions;
  #isOff = false;

  constructor(options: RestoringOptions) {
    this.#options = options;
    this.#editions = new Editions(new ObjectStore(options), options.workDir);
  }

  /** Keeps what a task has made; it is on disk as `record` says. */
  keep(node: TaskNode, record: TaskRecord, success: Success, found: readonly FileState[]): void {
    const { written = [] } = record;
    if (!canBePutBack(node) || node.outputs.length + written.length === 0) return;
    this.#attempt(() => {
      const { value, params, outcome, discovered = [] } = record;
      this.#editions.keep(originOf(node, success.seen), record.outputs, {
        params,
        discovered,
        found: digestsOf(found),
        written,
        pruned: success.written?.pruned ?? [],
        folders: outputFolders(node.outputs, this.#options.workDir),
        ...(value !== undefined && { value }),
        outcome,
        log: success.log,
      });
    });
  }

  /**
   * Puts back what the task would make; undefined if that is not known or cannot be done.
   *
   * @param record Of its last run: what it made then may be removed.
   */
  restore(
    node: TaskNode,
    seen: Observation,
    reasons: readonly StaleReason[],
    record: TaskRecord | undefined,
  ): PutBack | undefined {
    if (!canBePutBack(node) || reasons.some(({ kind }) => isBeyond.has(kind))) return undefined;
    return this.#attempt(() => {
      const fitting = this.#fitting(node, seen);
      const outputs = fitting && this.#putBack(fitting.edition, node, record);
      if (fitting === undefined || outputs === undefined) return undefined;
      const { written: files, pruned } = fitting.edition;
      return { ...fitting, outputs, left: this.#options.prune(node, { files, pruned }) };
    });
  }

  /** What `restore` would put back; nothing is changed. */
  foresee(
    node: TaskNode,
    seen: Observation,
    reasons: readonly StaleReason[],
    record: TaskRecord | undefined,
  ): Edition | undefined {
    if (!canBePutBack(node) || reasons.some(({ kind }) => isBeyond.has(kind))) return undefined;
    return this.#attempt(() => {
      const edition = this.#fitting(node, seen)?.edition;
      if (edition === undefined) return undefined;
      const { outputs: present } = this.#options.files.outputs(node, record, edition.written);
      return this.#editions.canRestore(edition, present, pathsOf(record)) ? edition : undefined;
    });
  }

  /** Makes room if more was kept than there may be. */
  clear(): void {
    this.#attempt(() => this.#editions.clear());
  }

  /** The newest edition from what there is now. */
  #fitting(node: TaskNode, seen: Observation): Pick<PutBack, 'edition' | 'found'> | undefined {
    for (const edition of this.#editions.of(originOf(node, seen))) {
      const found = this.#foundAs(edition, node, seen);
      if (found !== undefined) return { edition, found };
    }
    return undefined;
  }

  /** What the task found out it reads, if that and the params are what they were. */
  #foundAs(edition: Edition, node: TaskNode, seen: Observation): FileState[] | undefined {
    const params = Object.entries(edition.params);
    if (params.some(([name, digest]) => paramDigest(node.params, name) !== digest)) {
      return undefined;
    }
    const found = this.#options.files.readFound(edition.discovered, node, seen.inputs);
    return areEqual(digestsOf(found), edition.found) ? found : undefined;
  }

  #putBack(
    edition: Edition,
    node: TaskNode,
    record: TaskRecord | undefined,
  ): readonly FileState[] | undefined {
    const { files } = this.#options;
    const { outputs: present } = files.outputs(node, record, edition.written);
    if (!this.#editions.restore(edition, present, pathsOf(record))) return undefined;
    const { outputs, missingOutputs } = files.outputs(node, undefined, edition.written);
    const made = edition.outputs.map(([path, digest]) => [path, digest] as const);
    const isWhole = missingOutputs.length === 0 && areEqual(digestsOf(outputs), made);
    return isWhole ? outputs : undefined;
  }

  #attempt<T>(work: () => T): T | undefined {
    if (this.#isOff) return undefined;
    try {
      return work();
    } catch (error) {
      this.#isOff = true;
      this.#options.onTrouble(error);
      return undefined;
    }
  }
}

/** The folder in which things are kept beside a cache. */
export function objectFolder(cacheFolder: string): string {
  return join(cacheFolder, 'objects');
}

/** What was put back would count as new, whatever its age. */
function canBePutBack({ agingOutputs }: TaskNode): boolean {
  return agingOutputs.length === 0;
}

/** Reasons to run whatever was made before. */
const isBeyond: ReadonlySet<StaleReason['kind']> = new Set([
  'full',
  'no-skip',
  'no-cache',
  'nothing-declared',
  'asks-build',
]);

function originOf(node: TaskNode, { definitionDigest, env, deps, inputs }: Observation): Origin {
  const { name, rawArgs: args } = node;
  return { name, definition: definitionDigest, args, env, deps, inputs };
}

function pathsOf(record: TaskRecord | undefined): ReadonlySet<string> {
  return new Set(record?.outputs.map(({ path }) => path));
}

function digestsOf(files: readonly FileState[]): (readonly [string, string])[] {
  return files.map(({ path, sha256: digest }) => [path, digest ?? 'missing']);
}

function areEqual(
  a: readonly (readonly [string, string])[],
  b: readonly (readonly [string, string])[],
): boolean {
  return (
    a.length === b.length &&
    a.every(([path, digest], at) => path === b[at]?.[0] && digest === b[at]?.[1])
  );
}
