import type { TaskNode } from '../model/node.ts';
import type { Written } from '../model/written.ts';
import type { CacheHome } from './cache-home.ts';
import { unsuccessfulRecord } from './new-record.ts';
import type { NodeFiles } from './node-files.ts';
import { type Ownership, pruneWritten, stillWritten } from './prune-written.ts';
import type { FileState, Observation } from './verdict.ts';

/** What `WrittenFiles` needs. */
export interface WrittenFilesParts {
  readonly home: CacheHome;
  readonly files: NodeFiles;
  /** Absolute. */
  readonly workDir: string;
  /** When this process began, in milliseconds since 1970; undefined if that is of no matter. */
  readonly startedAt: (() => number) | undefined;
}

/** What tasks have written through `ctx.dest()`, successfully or not. Methods throw what `node:fs` does. */
export class WrittenFiles {
  readonly #parts: WrittenFilesParts;

  constructor(parts: WrittenFilesParts) {
    this.#parts = parts;
  }

  /**
   * Takes in what a task has written without success: the next success removes it where the task
   * prunes, and so does whoever cleans up after the task.
   */
  note(node: TaskNode, seen: Observation, written: Written | undefined): void {
    const { home, files } = this.#parts;
    const states = files.read(files.there(written?.files ?? []));
    if (states.length === 0) return;
    const before = home.get(node.name);
    const now = new Set(states.map(({ path }) => path));
    const others = (before?.left ?? []).filter(({ path }) => !now.has(path));
    home.put(node.name, unsuccessfulRecord(node, seen, before, [...others, ...states]));
  }

  /** What a task has written and nobody else since, but for its own inputs. */
  by(node: TaskNode): string[] {
    const { home, files, workDir } = this.#parts;
    const record = home.get(node.name);
    if (record === undefined) return [];
    const inputs = new Set(record.inputs.map(({ path }) => path));
    for (const path of files.inputPaths(node)) inputs.add(path);
    const written = stillWritten(record, workDir, this.#ownershipOf(node));
    return written.filter((path) => !inputs.has(path));
  }

  /** See `pruneWritten`. */
  prune(node: TaskNode, written: Written | undefined): readonly FileState[] {
    const { home, workDir } = this.#parts;
    return pruneWritten(home.get(node.name), written, workDir, this.#ownershipOf(node));
  }

  #ownershipOf({ name }: TaskNode): Ownership {
    const { home, startedAt } = this.#parts;
    return {
      isOthers: (path) => home.isMadeBesides(name, path),
      startedAt: startedAt?.() ?? Number.POSITIVE_INFINITY,
    };
  }
}
