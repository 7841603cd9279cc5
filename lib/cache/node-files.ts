import { join } from 'node:path';
import type { TaskNode } from '../model/node.ts';
import { inputFiles, literalFiles, outputFiles, withoutLeftOut } from './declared-files.ts';
import { fileState, isSameContent, refreshedState, wasQuietSince } from './file-state.ts';
import type { TaskRecord } from './record.ts';
import { inputReasons, type Situation } from './stale-reasons.ts';
import { statsIn, statsOf } from './stats-of.ts';
import type { FileState, Observation, Success } from './verdict.ts';

/** What a task has found out it reads. */
export interface Found {
  readonly paths: readonly string[];
  readonly states: readonly FileState[];
  readonly isSure: boolean;
}

/** What follows the imports of a task's inputs; undefined if they are not tracked. */
export type TrackedImports = (
  task: Pick<TaskNode, 'definition'>,
) => { importsOf(files: readonly string[]): string[] } | undefined;

const noImports: TrackedImports = () => undefined;

/** The files of tasks as they are now; they are read only if `stat` tells that they may have changed. */
export class NodeFiles {
  readonly #workDir: string;
  readonly #ignored: readonly string[] | undefined;
  readonly #clock: () => number;
  readonly #imports: TrackedImports;
  readonly #imported = new Map<string, readonly string[]>();

  /**
   * @param ignored Paths and globs that are no input of any task.
   * @param clock Milliseconds since 1970.
   */
  constructor(
    workDir: string,
    ignored: readonly string[] | undefined,
    clock: () => number,
    imports: TrackedImports = noImports,
  ) {
    this.#workDir = workDir;
    this.#ignored = ignored;
    this.#clock = clock;
    this.#imports = imports;
  }

  /** The files that the declared inputs stand for now, sorted. */
  inputPaths(node: TaskNode): string[] {
    return inputFiles(node, this.#workDir, this.#ignored);
  }

  /** The declared inputs, sorted. */
  inputs(node: TaskNode, record: TaskRecord | undefined): FileState[] {
    return this.#refreshed(this.inputPaths(node), record, 'inputs');
  }

  /**
   * What the task found out it reads when it last succeeded, and what its inputs import now if that
   * is tracked, without what it declares.
   */
  discovered(
    node: TaskNode,
    record: TaskRecord | undefined,
    inputs: readonly FileState[],
  ): FileState[] {
    const paths = record?.discovered ?? [];
    return this.#refreshed(this.#pathsFound(paths, node, inputs), record, 'inputs');
  }

  /** @param written Files that are outputs as well, declared or not. */
  outputs(
    node: TaskNode,
    record: TaskRecord | undefined,
    written: readonly string[] = record?.written ?? [],
  ): Pick<Situation, 'outputs' | 'missingOutputs'> {
    const { files, missing } = outputFiles(node.outputs, this.#workDir);
    const there = written.filter((path) => this.#isFile(path));
    const all = there.length === 0 ? files : [...new Set([...files, ...there])].sort();
    return {
      outputs: this.#refreshed(all, record, 'outputs'),
      missingOutputs:
        there.length === written.length
          ? missing
          : [...missing, ...written.filter((path) => !this.#isFile(path))],
    };
  }

  /** Whether it counts what the inputs of a task import. */
  tracksImports(task: Pick<TaskNode, 'definition'>): boolean {
    return this.#imports(task) !== undefined;
  }

  /** What the inputs of a task imported when they were last looked at. */
  importedBy(name: string): readonly string[] {
    return this.#imported.get(name) ?? [];
  }

  /** Those of some paths at which there is a file, sorted. */
  there(paths: readonly string[]): string[] {
    return paths.filter((path) => this.#isFile(path)).sort();
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
    if (inputReasons(seen.inputs, now).length > 0) return false;
    if (this.#imports(node) === undefined) return true;
    const imported = seen.discovered.map((old) => refreshedState(this.#workDir, old, seen.seenAt));
    return inputReasons(seen.discovered, imported).length === 0;
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
    const imported = this.#importedFiles(node, inputs);
    if (paths.length === 0) return imported;
    const declared = new Set(inputs.map(({ path }) => path));
    const found = literalFiles(paths, node, this.#workDir).filter((path) => !declared.has(path));
    return imported.length === 0 ? found : [...new Set([...found, ...imported])].sort();
  }

  #importedFiles(node: TaskNode, inputs: readonly FileState[]): string[] {
    const tracker = this.#imports(node);
    if (tracker === undefined || inputs.length === 0) return [];
    const imported = tracker.importsOf(inputs.map(({ path }) => path));
    const files = withoutLeftOut(imported, node, this.#workDir, this.#ignored);
    this.#imported.set(node.name, files);
    return files;
  }

  #isFile(path: string): boolean {
    return statsIn(this.#workDir, path)?.kind === 'file';
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
