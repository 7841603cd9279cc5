import { join } from 'node:path';
import type { TaskNode } from '../model/node.ts';
import { inputFiles, literalFiles, outputFiles } from './declared-files.ts';
import { fileState, isSameContent, refreshedState, wasQuietSince } from './file-state.ts';
import type { TaskRecord } from './record.ts';
import { inputReasons, type Situation } from './stale-reasons.ts';
import { statsOf } from './stats-of.ts';
import type { FileState, Observation, Success } from './verdict.ts';

/** What a task has found out it reads. */
export interface Found {
  readonly paths: readonly string[];
  readonly states: readonly FileState[];
  readonly isSure: boolean;
}

/** The files of tasks as they are now; they are read only if `stat` tells that they may have changed. */
export class NodeFiles {
  readonly #workDir: string;
  readonly #ignored: readonly string[] | undefined;
  readonly #clock: () => number;

  /**
   * @param ignored Paths and globs that are no input of any task.
   * @param clock Milliseconds since 1970.
   */
  constructor(workDir: string, ignored: readonly string[] | undefined, clock: () => number) {
    this.#workDir = workDir;
    this.#ignored = ignored;
    this.#clock = clock;
  }

  /** The files that the declared inputs stand for now, sorted. */
  inputPaths(node: TaskNode): string[] {
    return inputFiles(node, this.#workDir, this.#ignored);
  }

  /** The declared inputs, sorted. */
  inputs(node: TaskNode, record: TaskRecord | undefined): FileState[] {
    return this.#refreshed(this.inputPaths(node), record, 'inputs');
  }

  /** What the task found out it reads when it last succeeded, without what it declares. */
  discovered(
    node: TaskNode,
    record: TaskRecord | undefined,
    inputs: readonly FileState[],
  ): FileState[] {
    if (record?.discovered === undefined) return [];
    return this.#refreshed(this.#pathsFound(record.discovered, node, inputs), record, 'inputs');
  }

  outputs(
    node: TaskNode,
    record: TaskRecord | undefined,
  ): Pick<Situation, 'outputs' | 'missingOutputs'> {
    const { files, missing } = outputFiles(node.outputs, this.#workDir);
    return { outputs: this.#refreshed(files, record, 'outputs'), missingOutputs: missing };
  }

  /** Files as they are now, all read. */
  read(paths: readonly string[]): FileState[] {
    return paths.map((path) => fileState(this.#workDir, path));
  }

  /** The files that `paths` stand for now, for a task that has found out it reads them, all read. */
  readFound(paths: readonly string[], node: TaskNode, inputs: readonly FileState[]): FileState[] {
    return this.read(this.#pathsFound(paths, node, inputs));
  }

  /**
   * What the task has found out it reads, as it is now. It is sure only if nothing of it can have
   * changed while the task ran: files that were known before are what they were, others are older
   * than the run.
   */
  found(node: TaskNode, { seen, discovered }: Pick<Success, 'seen' | 'discovered'>): Found {
    const paths = [...new Set(discovered)].sort();
    const before = new Map(seen.discovered.map((file) => [file.path, file]));
    const states = this.readFound(paths, node, seen.inputs);
    const isSure = states.every((now) => {
      const old = before.get(now.path);
      return old === undefined
        ? wasQuietSince(this.#workDir, now.path, seen.seenAt)
        : isSameContent(old, now);
    });
    return { paths, states, isSure };
  }

  /** Whether the inputs of a task are what they were when `seen` was observed. */
  sameInputs(node: TaskNode, seen: Observation): boolean {
    const before = new Map(seen.inputs.map((file) => [file.path, file]));
    const now = this.inputPaths(node).map((path) => {
      const old = before.get(path);
      return old === undefined
        ? fileState(this.#workDir, path)
        : refreshedState(this.#workDir, old, seen.seenAt);
    });
    return inputReasons(seen.inputs, now).length === 0;
  }

  /**
   * Whether what the task has found out it reads is what it was at its last success, or if it has not
   * ended so since, when `seen` was observed.
   */
  sameFound(node: TaskNode, record: TaskRecord | undefined, seen: Observation): boolean {
    if (record?.discovered === undefined) return true;
    const declared = new Set(seen.inputs.map(({ path }) => path));
    const before = record.finished
      ? record.inputs.filter(({ path }) => !declared.has(path))
      : seen.discovered;
    return inputReasons(before, this.discovered(node, record, seen.inputs)).length === 0;
  }

  /** Outputs that are older than they may get; only those that must not be, if `enforced`. */
  tooOld({ agingOutputs }: TaskNode, enforced = false): string[] {
    if (agingOutputs.length === 0) return [];
    const now = this.#clock();
    return agingOutputs
      .filter((each) => each.enforceFreshness || !enforced)
      .flatMap(({ path, maxAgeMs }) =>
        outputFiles([path], this.#workDir).files.filter((file) => {
          const stats = statsOf(join(this.#workDir, file));
          return stats !== undefined && stats.mtimeMs < now - maxAgeMs;
        }),
      );
  }

  #pathsFound(
    paths: readonly string[],
    node: TaskNode,
    inputs: readonly FileState[],
  ): readonly string[] {
    const declared = new Set(inputs.map(({ path }) => path));
    return literalFiles(paths, node, this.#workDir).filter((path) => !declared.has(path));
  }

  /** @param kind Which files of the record are likely to be those of `paths`, one by one. */
  #refreshed(
    paths: readonly string[],
    record: TaskRecord | undefined,
    kind: 'inputs' | 'outputs',
  ): FileState[] {
    if (record === undefined) return this.read(paths);
    const likely = record[kind];
    let all: ReadonlyMap<string, FileState> | undefined;
    return paths.map((path, index) => {
      let old = likely[index];
      if (old?.path !== path) {
        all ??= statesIn(record);
        old = all.get(path);
      }
      return old === undefined
        ? fileState(this.#workDir, path)
        : refreshedState(this.#workDir, old, record.recordedAt);
    });
  }
}

/** What is recorded of each file, whether it is an input or an output. */
function statesIn(record: TaskRecord): Map<string, FileState> {
  return new Map([...record.inputs, ...record.outputs].map((file) => [file.path, file]));
}
