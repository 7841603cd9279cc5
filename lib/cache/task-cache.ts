import { resolve } from 'node:path';
import type { TaskNode } from '../model/node.ts';
import { inputFiles, outputFiles } from './declared-files.ts';
import { DefinitionDigests } from './definition-digest.ts';
import { fileState, refreshedState } from './file-state.ts';
import { inexactPath } from './inexact-path.ts';
import { outcomeDigest } from './outcome-digest.ts';
import { keptDurations, schema, type TaskRecord } from './record.ts';
import { Records } from './records.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { inputReasons, outputReasons, type Situation, staleReasons } from './stale-reasons.ts';
import { memoryStore, type Store } from './store.ts';
import { envDigests, paramDigest } from './value-digest.ts';
import type { FileState, Finished, Observation, Outcome, Success, Verdict } from './verdict.ts';

/** What a cache needs. */
export interface CacheOptions {
  /** The SQLite file, or `false`: then nothing is up to date and nothing is kept. */
  readonly path: string | false;
  /** Absolute; declared paths and those in records are relative to it. */
  readonly workDir: string;
  /** Looks up an environment variable. */
  readonly env: (name: string) => string | undefined;
  readonly onWarning: (code: string, text: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether a task of this name can still come about; if not, its record goes after 30 days. */
  readonly isDefined: (name: string) => boolean;
}

/**
 * Remembers what each task was made from, and decides whether it is up to date. Trouble with the
 * file is a warning, never a failure: tasks run then.
 */
export class TaskCache {
  readonly #options: CacheOptions;
  readonly #definitions: DefinitionDigests;
  readonly #records: Records;
  readonly #warned = new Set<string>();

  /** Opens the cache and reads all of it. Never rejects. */
  static async open(options: CacheOptions): Promise<TaskCache> {
    const cache = new TaskCache(options);
    if (options.path !== false) await cache.#records.open();
    return cache;
  }

  private constructor(options: CacheOptions) {
    this.#options = options;
    this.#definitions = new DefinitionDigests(options.workDir);
    this.#records = new Records({
      open: (isDamaged) => this.#openStore(isDamaged),
      clock: options.clock,
      isDefined: options.isDefined,
      onTrouble: (error) => this.#warnOfTrouble(error),
    });
  }

  /**
   * Decides from the record and the disk whether a task has to run. A file is read only if `stat`
   * tells that it may have changed.
   *
   * @param deps Outcome digests of the deps, by name.
   * @throws Error what functions in `.inputs()` throw, or a pattern that cannot be expanded
   */
  check(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Verdict {
    const seenAt = this.#options.clock();
    const record = this.#records.get(node.name);
    const inputs = this.#refreshed(inputFiles(node, this.#options.workDir), record, 'inputs');
    const { files, missing } = outputFiles(node.outputs, this.#options.workDir);
    const outputs = record === undefined ? [] : this.#refreshed(files, record, 'outputs');
    const definition = this.#definitions.digestOf(node.definition);
    const env = envDigests(node.definition.env, this.#options.env);
    const reasons = staleReasons(record, {
      full,
      noSkip: node.definition.noSkip,
      isCacheOff: this.#options.path === false,
      declaresAnything: node.inputs.length > 0 || node.deps.length > 0,
      definition,
      args: node.rawArgs,
      env,
      paramDigest: (name) => paramDigest(node.params, name),
      deps,
      inputs,
      outputs,
      missingOutputs: missing,
    });
    const before = new Map(record?.deps);
    const changedDeps = [...deps.keys()].filter((dep) => before.get(dep) !== deps.get(dep));
    const observation: Observation = {
      definitionDigest: definition,
      deps,
      changedDeps,
      env,
      inputs,
      seenAt,
    };
    if (record === undefined || reasons.length > 0) return { kind: 'stale', reasons, observation };
    this.#renew(node, record, observation, outputs);
    // A copy, since whoever gets it may change it.
    const value = structuredClone(record.value);
    return { kind: 'fresh', outcome: { value, digest: record.outcome }, observation };
  }

  /** Marks the task as under way, so that it is not up to date if we are cut short. Never rejects. */
  async begin(node: TaskNode): Promise<void> {
    const record = this.#records.get(node.name);
    if (record === undefined || !record.finished) return;
    this.#put(node.name, { ...record, finished: false });
    await this.flush();
  }

  /**
   * Takes in that the action of a task has succeeded. It runs again the next time if its inputs
   * changed meanwhile, if JSON cannot hold its result, or if it has asked for things itself.
   */
  finish(node: TaskNode, success: Success): Finished {
    const { workDir, clock } = this.#options;
    const { seen, value, tookMs, hasAsked } = success;
    const recordedAt = clock();
    const { files, missing } = outputFiles(node.outputs, workDir);
    if (missing.length > 0) return { kind: 'outputs-missing', paths: missing };
    const outputs = files.map((path) => fileState(workDir, path));
    const declared = node.definition.outputs.length > 0 ? outputs : undefined;
    const digest = outcomeDigest(declared, value, seen.deps);
    const lossAt = inexactPath(value, 'result');
    if (lossAt !== undefined) this.#warnOfLoss(node.name, lossAt);
    const isWhole = lossAt === undefined && !hasAsked && this.sameInputs(node, seen);
    const before = this.#records.get(node.name)?.durations ?? [];
    this.#put(node.name, {
      schema,
      definition: seen.definitionDigest,
      args: node.rawArgs,
      env: seen.env,
      params: paramsSeen(node, success.paramsRead),
      inputs: seen.inputs,
      deps: [...seen.deps].sort(([a], [b]) => (a < b ? -1 : 1)),
      outputs,
      ...(isWhole && value !== undefined && { value: structuredClone(value) }),
      outcome: digest,
      ...(hasAsked && { asks: true as const }),
      durations: [tookMs, ...before].slice(0, keptDurations),
      finished: isWhole,
      recordedAt,
    });
    return { kind: 'finished', outcome: { value, digest } };
  }

  /**
   * Takes in that a task has said that nothing has changed. If its outputs are those of its last
   * success, that goes on to count; if not, the task runs again the next time.
   */
  keep(node: TaskNode, { seen, paramsRead, hasAsked }: Omit<Success, 'value'>): Outcome {
    const { workDir, clock } = this.#options;
    const recordedAt = clock();
    const record = this.#records.get(node.name);
    const outputs = this.#outputsNow(node);
    if (record === undefined || outputReasons(record, outputs).length > 0) {
      return this.skip(node, seen);
    }
    this.#put(node.name, {
      ...record,
      definition: seen.definitionDigest,
      args: node.rawArgs,
      env: seen.env,
      params: paramsSeen(node, paramsRead),
      inputs: seen.inputs,
      deps: [...seen.deps].sort(([a], [b]) => (a < b ? -1 : 1)),
      outputs: outputs.outputs.map(({ path }) => fileState(workDir, path)),
      finished: !hasAsked && this.sameInputs(node, seen),
      recordedAt,
    });
    return { value: structuredClone(record.value), digest: record.outcome };
  }

  /**
   * What a task that has skipped its work comes to: its last outcome, if its outputs are still those.
   * Nothing is recorded: it is asked again the next time.
   */
  skip(node: TaskNode, seen: Observation): Outcome {
    const record = this.#records.get(node.name);
    const now = this.#outputsNow(node);
    if (record !== undefined && outputReasons(record, now).length === 0) {
      return { value: structuredClone(record.value), digest: record.outcome };
    }
    const declared = node.definition.outputs.length > 0 ? now.outputs : undefined;
    return { value: undefined, digest: outcomeDigest(declared, undefined, seen.deps) };
  }

  /** How long the task should take, in milliseconds: the mean of its last successes, newest first. */
  estimate(name: string): number | undefined {
    const durations = this.#records.get(name)?.durations ?? [];
    if (durations.length === 0) return undefined;
    let sum = 0;
    let weights = 0;
    for (const [index, ms] of durations.entries()) {
      sum += ms * 0.8 ** index;
      weights += 0.8 ** index;
    }
    return sum / weights;
  }

  #outputsNow(node: TaskNode): Pick<Situation, 'outputs' | 'missingOutputs'> {
    const { files, missing } = outputFiles(node.outputs, this.#options.workDir);
    const record = this.#records.get(node.name);
    return { outputs: this.#refreshed(files, record, 'outputs'), missingOutputs: missing };
  }

  /** Whether the inputs of a task are what they were when `seen` was observed. */
  sameInputs(node: TaskNode, seen: Observation): boolean {
    const { workDir } = this.#options;
    const before = new Map(seen.inputs.map((file) => [file.path, file]));
    const now = inputFiles(node, workDir).map((path) => {
      const old = before.get(path);
      return old === undefined
        ? fileState(workDir, path)
        : refreshedState(workDir, old, seen.seenAt);
    });
    return inputReasons(seen.inputs, now).length === 0;
  }

  /** Resolves when all that was to be kept is on disk. Never rejects. */
  flush(): Promise<void> {
    return this.#records.flush();
  }

  /** Writes what is left and closes the file. Never rejects. */
  close(): Promise<void> {
    return this.#records.close();
  }

  #refreshed(
    paths: readonly string[],
    record: TaskRecord | undefined,
    kind: 'inputs' | 'outputs',
  ): FileState[] {
    const { workDir } = this.#options;
    const before = new Map((record?.[kind] ?? []).map((file) => [file.path, file]));
    return paths.map((path) => {
      const old = before.get(path);
      return old === undefined || record === undefined
        ? fileState(workDir, path)
        : refreshedState(workDir, old, record.recordedAt);
    });
  }

  /** What had to be read although nothing had changed is noted, so that the next check is quick. */
  #renew(
    node: TaskNode,
    record: TaskRecord,
    { inputs, seenAt }: Observation,
    outputs: readonly FileState[],
  ): void {
    const isNew = (now: readonly FileState[], old: readonly FileState[]): boolean =>
      now.some((file, index) => file !== old[index]);
    if (!isNew(inputs, record.inputs) && !isNew(outputs, record.outputs)) return;
    this.#put(node.name, { ...record, inputs, outputs, recordedAt: seenAt });
  }

  #put(name: string, record: TaskRecord): void {
    if (this.#options.path !== false) this.#records.put(name, record);
  }

  #openStore(isDamaged: boolean): Promise<Store> {
    const { path, workDir, onWarning } = this.#options;
    if (path === false) return Promise.resolve(memoryStore());
    return openSqliteStore({
      file: resolve(workDir, path),
      isDamaged,
      onRecovered(aside) {
        const text = `The cache was damaged and is now ${aside}; what it held is done again.`;
        onWarning('cache-damaged', text);
      },
    });
  }

  #warnOfTrouble(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#warnOnce('cache-off', 'cache-off', `Nothing is remembered for the next run: ${why}.`);
  }

  #warnOfLoss(name: string, path: string): void {
    const text = `${name} runs every time: ${path} is nothing that JSON can hold exactly.`;
    this.#warnOnce(`loss ${name}`, 'result-not-recorded', text);
  }

  #warnOnce(what: string, code: string, text: string): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#options.onWarning(code, text);
  }
}

function paramsSeen(node: TaskNode, read: readonly string[]): Record<string, string> {
  const names = [...new Set([...read, ...node.paramsRead])].sort();
  return Object.fromEntries(names.map((name) => [name, paramDigest(node.params, name)]));
}
