import { dirname, join, resolve } from 'node:path';
import type { CodeScope } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import { CacheHome, type HomeOptions, messageOf } from './cache-home.ts';
import { CodeDigests } from './code-digests.ts';
import { Glance } from './glance.ts';
import { importMemory } from './import-memory.ts';
import { inexactPath } from './inexact-path.ts';
import { keptObservation } from './kept-observation.ts';
import { LastLooks } from './last-looks.ts';
import { inputsOf, keptRecord, restoredRecord, successRecord, unsureReason } from './new-record.ts';
import { type Found, NodeFiles } from './node-files.ts';
import { outcomeDigest, serviceDigest } from './outcome-digest.ts';
import type { TaskRecord } from './record.ts';
import { objectFolder, Restoring } from './restoring.ts';
import { outputReasons, staleReasons } from './stale-reasons.ts';
import { atOneGlance, lookAnew } from './stats-of.ts';
import { type ImportOptions, trackedImports } from './tracked-imports.ts';
import { envDigests, paramDigest } from './value-digest.ts';
import type {
  FileState,
  Finished,
  Observation,
  Outcome,
  Restored,
  Success,
  Verdict,
} from './verdict.ts';
import { WrittenFiles } from './written-files.ts';

/** What a cache needs. */
export interface CacheOptions extends HomeOptions {
  /** Paths and globs that count for every task. Default: the nearest package lock file. */
  readonly globalInputs?: readonly string[] | undefined;
  /** Paths and globs that are no input of any task. Default: none. */
  readonly globalIgnore?: readonly string[];
  /** What of the code counts where a definition does not say it. Default: `module`. */
  readonly code?: CodeScope;
  /**
   * Tells when this process began to load its code, in milliseconds since 1970: what has changed since then
   * may not be what was loaded. Default: nothing has changed.
   */
  readonly loadedAt?: () => number;
  /** Looks up an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** How imports of inputs are followed. Default: not at all. */
  readonly imports?: ImportOptions;
  /** How many bytes of outputs are kept to be put back; undefined: none are. */
  readonly restoreBytes?: number | undefined;
}

/** A look that was enough for a task. */
export interface Sight {
  /** What a full check would have seen of it; undefined if that cannot be told any more. */
  observationOf(node: TaskNode): Observation | undefined;
}

/**
 * Remembers what each task was made from, and decides whether it is up to date. Trouble with the
 * file is a warning, never a failure: tasks run then.
 */
export class TaskCache {
  readonly #options: CacheOptions;
  readonly #code: CodeDigests;
  readonly #files: NodeFiles;
  readonly #imports: ReturnType<typeof trackedImports>;
  readonly #restoring: Restoring | undefined;
  readonly #home: CacheHome;
  /** What tasks have written through `ctx.dest()`. */
  readonly written: WrittenFiles;
  /** What looks at the tasks of requests have found. */
  readonly lastLooks: LastLooks;

  /** Opens the cache and reads all of it. Never rejects. */
  static async open(options: CacheOptions): Promise<TaskCache> {
    const cache = new TaskCache(options);
    await cache.enter();
    return cache;
  }

  /** A cache that reads nothing before `enter`. */
  static closed(options: CacheOptions): TaskCache {
    return new TaskCache(options);
  }

  private constructor(options: CacheOptions) {
    this.#options = options;
    const { path, workDir, globalInputs, globalIgnore, clock, code, loadedAt } = options;
    const { imports = { isOn: false, roots: ['.'], finders: {} } } = options;
    const folder = typeof path === 'string' ? dirname(resolve(workDir, path)) : undefined;
    const listings = folder && join(folder, 'listings');
    this.#code = new CodeDigests({ workDir, globalInputs, code, clock, listings, loadedAt });
    const memory =
      folder && options.isReadOnly !== true ? importMemory(join(folder, 'imports')) : undefined;
    this.#imports = trackedImports(imports, { workDir, clock, memory });
    this.#files = new NodeFiles(workDir, globalIgnore, clock, this.#imports.of);
    this.#restoring = this.#restoringIn(folder ?? join(workDir, '.parproc'));
    const home = new CacheHome(options);
    this.#home = home;
    this.written = new WrittenFiles({ home, files: this.#files, workDir, startedAt: loadedAt });
    this.lastLooks = new LastLooks({
      edition: () => home.edition,
      record: (name) => home.get(name),
      keptRecord: (name) => home.getKept(name),
      code: this.#code,
      imports: this.#imports.of,
      ignoresFiles: globalIgnore !== undefined && globalIgnore.length > 0,
      clock,
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
    return atOneGlance(() => this.#check(node, deps, full));
  }

  #check(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Verdict {
    const seenAt = this.#options.clock();
    const record = this.#last(node.name);
    const inputs = this.#files.inputs(node, record);
    const discovered = this.#files.discovered(node, record, inputs);
    const { outputs, missingOutputs } =
      record === undefined ? nothing : this.#files.outputs(node, record);
    const definition = this.#code.of(node);
    const env = envDigests(node.definition.env, this.#options.env);
    const reasons = staleReasons(record, {
      full,
      noSkip: node.definition.noSkip,
      isCacheOff: this.#options.path === false,
      declaresAnything:
        node.inputs.length > 0 || node.deps.length > 0 || node.agingOutputs.length > 0,
      definition: definition.digest,
      parts: definition.parts,
      changedFiles: (before, now) => this.#code.changedFiles(node, before, now),
      args: node.rawArgs,
      env,
      paramDigest: (name) => paramDigest(node.params, name),
      deps,
      inputs: discovered.length === 0 ? inputs : [...inputs, ...discovered],
      outputs,
      missingOutputs,
      oldOutputs: this.#files.tooOld(node),
    });
    const observation: Observation = {
      definitionDigest: definition.digest,
      parts: definition.parts,
      globalsDigest: definition.globals,
      deps,
      changedDeps: changedDeps(record, deps),
      env,
      inputs,
      discovered,
      seenAt,
    };
    if (record === undefined || reasons.length > 0) return { kind: 'stale', reasons, observation };
    this.#renew(node, record, observation, outputs);
    // A copy, since whoever gets it may change it.
    const value = record.value === undefined ? undefined : structuredClone(record.value);
    return { kind: 'fresh', outcome: { value, digest: record.outcome }, observation };
  }

  /**
   * Looks at tasks in one go: see `Glance`. Undefined if nothing can be told at a glance.
   *
   * @param isWorkDir Whether a relative path leads to where it does from the working directory.
   */
  glance(isWorkDir: boolean): Glance | undefined {
    const { snapshot } = this.#home;
    const { workDir, globalIgnore = [], clock } = this.#options;
    if (snapshot === undefined) return undefined;
    return new Glance({
      snapshot,
      usedSince: this.#home.usedSince,
      isOutdated: this.#home.isOutdated,
      codeOf: (node) => this.#code.of(node),
      tracksImports: (node) => this.#files.tracksImports(node),
      ignoresFiles: globalIgnore.length > 0,
      inputsOf: (node) => {
        try {
          return this.#files.inputPaths(node);
        } catch {
          // The full check says what is wrong.
          return undefined;
        }
      },
      pathPrefix: isWorkDir ? '' : `${workDir}/`,
      seenAt: clock(),
    });
  }

  /** To be kept of tasks of which the last look tells now that they are up to date. */
  sight(): Sight {
    const globals = this.#code.globalsDigest;
    const seenAt = this.#options.clock();
    return {
      observationOf: ({ name }) => {
        const record = this.#home.get(name);
        return record && keptObservation(record, globals, seenAt);
      },
    };
  }

  /** Whether what is known of a task is not what a glance would look at. */
  isOutdated(name: string): boolean {
    return this.#home.isOutdated?.(name) === true || this.#home.isFetched(name);
  }

  /** Marks the task as under way, so that it is not up to date if we are cut short. Never rejects. */
  async begin(node: TaskNode): Promise<void> {
    const record = this.#last(node.name);
    if (record === undefined) return;
    if (!record.finished && record.unsure === undefined) return;
    const { unsure: _, ...rest } = record;
    this.#home.put(node.name, { ...rest, finished: false });
    await this.flush();
  }

  /**
   * Takes in that the action of a task has succeeded. It runs again the next time if its inputs
   * changed meanwhile, if JSON cannot hold its result, or if it has asked for things itself.
   */
  finish(node: TaskNode, success: Success): Finished {
    const { seen, value, hasAsked } = success;
    const recordedAt = this.#options.clock();
    const left = this.written.prune(node, success.written);
    const written = this.#files.there(success.written?.files ?? []);
    const { missingOutputs, outputs } = this.#files.outputs(node, undefined, written);
    const problem = this.#problemOf(node, missingOutputs);
    if (problem !== undefined) {
      this.written.note(node, seen, success.written);
      return problem;
    }
    const hasOutputs = node.definition.outputs.length > 0 || written.length > 0;
    const digest = this.#isComparable(node)
      ? this.serviceDigest(node, seen)
      : outcomeDigest(hasOutputs ? outputs : undefined, value, seen.deps);
    const lossAt = inexactPath(value, 'result');
    if (lossAt !== undefined) this.#warnOfLoss(node.name, lossAt);
    const found = this.#files.found(node, success);
    const unsure = unsureReason(hasAsked, lossAt, this.#isTouched(node, seen, found));
    const durations = this.#last(node.name)?.durations ?? [];
    const basis = { paramsRead: success.paramsRead, found, unsure };
    const now = { outputs, written, left, outcome: digest, durations, recordedAt };
    const record = successRecord(node, success, basis, now);
    this.#code.keepListings(node, seen.parts);
    this.#home.put(node.name, record);
    const isLasting = node.definition.service === undefined;
    if (unsure === undefined && isLasting)
      this.#restoring?.keep(node, record, success, found.states);
    return { kind: 'finished', outcome: { value, digest } };
  }

  /** Tells all that a service is started from. */
  serviceDigest(node: TaskNode, seen: Observation): string {
    return serviceDigest(seen, node.rawArgs, paramDigest(node.params, '*'));
  }

  /** Whether a node is a service of which it can be told what it is started from. */
  #isComparable({ definition, inputs, deps }: TaskNode): boolean {
    return definition.service !== undefined && inputs.length + deps.length > 0;
  }

  /**
   * Puts back what a task made the last time that everything was as it is now, instead of running
   * it; undefined if there is no way to do that. Never throws.
   *
   * @param reasons Why the task would have to run.
   */
  restore(
    node: TaskNode,
    seen: Observation,
    reasons: readonly StaleReason[],
  ): Restored | undefined {
    if (this.#restoring === undefined) return undefined;
    const record = this.#last(node.name);
    const restored = this.#restoring.restore(node, seen, reasons, record);
    lookAnew();
    if (restored === undefined) return undefined;
    const { edition, outputs, left, found } = restored;
    const durations = record?.durations ?? [];
    this.#code.keepListings(node, seen.parts);
    const now = { outputs, left, found, durations };
    this.#home.put(node.name, restoredRecord(node, seen, edition, now));
    return { outcome: { value: edition.value, digest: edition.outcome }, log: edition.log };
  }

  /** The digest of what `restore` would make of a task; undefined if it has to run. Never throws. */
  restorable(
    node: TaskNode,
    seen: Observation,
    reasons: readonly StaleReason[],
  ): string | undefined {
    const record = this.#last(node.name);
    return this.#restoring?.foresee(node, seen, reasons, record)?.outcome;
  }

  /**
   * Takes in that a task has said that nothing has changed. If its outputs are those of its last
   * success, that goes on to count; if not, the task runs again the next time.
   */
  keep(node: TaskNode, success: Omit<Success, 'value'>): Outcome {
    const { seen, hasAsked } = success;
    const recordedAt = this.#options.clock();
    const record = this.#last(node.name);
    const outputs = this.#files.outputs(node, record);
    if (record === undefined || outputReasons(record, outputs).length > 0) {
      return this.skip(node, seen);
    }
    // It may not have got as far as last time, so what it read then counts as well.
    const discovered = [...success.discovered, ...(record.discovered ?? [])];
    const paramsRead = [...success.paramsRead, ...Object.keys(record.params)];
    const found = this.#files.found(node, { seen, discovered });
    const unsure = unsureReason(hasAsked, undefined, this.#isTouched(node, seen, found));
    this.#code.keepListings(node, seen.parts);
    const now = { outputs: this.#files.read(outputs.outputs.map(({ path }) => path)), recordedAt };
    const basis = { paramsRead, found, unsure };
    this.#home.put(node.name, keptRecord(node, seen, basis, record, now));
    return { value: structuredClone(record.value), digest: record.outcome };
  }

  /**
   * What a task that has skipped its work comes to: its last outcome, if its outputs are still those.
   * Nothing is recorded but that: it is asked again the next time.
   */
  skip(node: TaskNode, seen: Observation): Outcome {
    const record = this.#last(node.name);
    const now = this.#files.outputs(node, record);
    if (record !== undefined) {
      this.#home.put(node.name, { ...record, finished: false, unsure: { kind: 'was-skipped' } });
    }
    if (record !== undefined && outputReasons(record, now).length === 0) {
      return { value: structuredClone(record.value), digest: record.outcome };
    }
    const declared = node.definition.outputs.length > 0 ? now.outputs : undefined;
    return { value: undefined, digest: outcomeDigest(declared, undefined, seen.deps) };
  }

  /** The digest of what the task last came to; undefined if it never succeeded. */
  lastOutcome(name: string): string | undefined {
    return this.#last(name)?.outcome;
  }

  /** How long the task should take, in milliseconds: the mean of its last successes, newest first. */
  estimate(name: string): number | undefined {
    const durations = this.#last(name)?.durations ?? [];
    if (durations.length === 0) return undefined;
    let sum = 0;
    let weights = 0;
    for (const [index, ms] of durations.entries()) {
      sum += ms * 0.8 ** index;
      weights += 0.8 ** index;
    }
    return sum / weights;
  }

  /** Whether the inputs of a task are what they were when `seen` was observed. */
  sameInputs(node: TaskNode, seen: Observation): boolean {
    return this.#files.sameInputs(node, seen);
  }

  /**
   * Whether all that the task itself is known to read is what it was when `seen` was observed; what
   * it has found out since then counts as it was at its last success.
   */
  isUnchanged(node: TaskNode, seen: Observation): boolean {
    return atOneGlance(() => {
      if (!this.#files.sameInputs(node, seen)) return false;
      return this.#files.sameFound(node, this.#last(node.name), seen);
    });
  }

  /** Whether the outputs of a task are those of its last success; it counts only what it was sure of. */
  areOutputsIntact(node: TaskNode): boolean {
    const record = this.#last(node.name);
    if (record?.finished !== true) return true;
    if (node.outputs.length === 0 && record.written === undefined) return true;
    return outputReasons(record, this.#files.outputs(node, record)).length === 0;
  }

  /**
   * Paths that a task has found out it reads, when it last succeeded, and what its inputs imported
   * when it was last checked.
   */
  discoveredBy(name: string): readonly string[] {
    const discovered = this.#last(name)?.discovered ?? [];
    return [...discovered, ...this.#files.importedBy(name)];
  }

  /** Paths of the files that count for all tasks, as they were last looked at. */
  globalPaths(): readonly string[] {
    return this.#code.globalPaths();
  }

  /** Whether the files that count for all tasks are what they were when they were last looked at. */
  areGlobalsUnchanged(): boolean {
    return this.#code.areGlobalsUnchanged();
  }

  /** A run begins: files that count for all tasks are looked at again. */
  beginRun(): void {
    this.#code.forgetGlobals();
  }

  /** What is known of the last success of a task. */
  #last(name: string): TaskRecord | undefined {
    const record = this.#home.get(name);
    return record?.outcome === '' ? undefined : record;
  }

  /** What is wrong with the outputs of a task that has just made them. */
  #problemOf(
    node: TaskNode,
    missing: readonly string[],
  ): Exclude<Finished, { kind: 'finished' }> | undefined {
    if (missing.length > 0) return { kind: 'outputs-missing', paths: missing };
    const tooOld = this.#files.tooOld(node, true);
    return tooOld.length > 0 ? { kind: 'outputs-too-old', paths: tooOld } : undefined;
  }

  /** Whether what the task depends on may have changed since `seen`. */
  #isTouched(node: TaskNode, seen: Observation, found: Found): boolean {
    // Nothing is kept that could be relied on.
    if (this.#options.path === false) return true;
    return !(
      found.isSure &&
      this.sameInputs(node, seen) &&
      this.#code.areGlobalsStill(seen.globalsDigest) &&
      this.#code.isAsLoaded(node)
    );
  }

  /**
   * Resolves when no other build is under way and all is known that they have left. Between `leave`
   * and this nothing is to be asked. Never rejects.
   */
  enter(): Promise<void> {
    return this.#home.enter();
  }

  /** Whether other builds are kept out, or soon are, and what is put is kept. */
  get isEntered(): boolean {
    return this.#home.isEntered;
  }

  /** After `enter`: reads what will be asked of a few tasks; see `Records.fetch`. Never rejects. */
  fetch(names: readonly string[]): Promise<void> {
    return this.#home.fetch(names);
  }

  /** See `CacheHome.peek`. Never rejects. */
  peek(): Promise<boolean> {
    return this.#home.peek();
  }

  /** See `CacheHome.isAsPeeked`. */
  get isAsPeeked(): boolean {
    return this.#home.isAsPeeked;
  }

  /** Lets other builds in, once all is written. Never rejects. */
  leave(): Promise<void> {
    this.#restoring?.clear();
    this.#imports.save();
    return this.#home.leave();
  }

  /** Resolves when all that was to be kept is on disk. Never rejects. */
  flush(): Promise<void> {
    return this.#home.flush();
  }

  /** Writes what is left and closes the file. Never rejects. */
  close(): Promise<void> {
    this.#restoring?.clear();
    return this.#home.close();
  }

  /** What had to be read although nothing had changed is noted, so that the next check is quick. */
  #renew(
    node: TaskNode,
    record: TaskRecord,
    { inputs: declared, discovered, seenAt }: Observation,
    outputs: readonly FileState[],
  ): void {
    const inputs = inputsOf(declared, discovered);
    const isNew = (now: readonly FileState[], old: readonly FileState[]): boolean =>
      now.some((file, index) => file !== old[index]);
    if (!isNew(inputs, record.inputs) && !isNew(outputs, record.outputs)) return;
    this.#home.put(node.name, { ...record, inputs, outputs, recordedAt: seenAt });
  }

  #restoringIn(cacheFolder: string): Restoring | undefined {
    const { path, workDir, isReadOnly = false, restoreBytes: mostBytes, clock } = this.#options;
    if (path === false || mostBytes === undefined) return undefined;
    return new Restoring({
      isReadOnly,
      folder: objectFolder(cacheFolder),
      mostBytes,
      clock,
      workDir,
      files: this.#files,
      prune: (node, written) => this.written.prune(node, written),
      onTrouble: (error) => {
        const text = `No outputs are kept or put back any more: ${messageOf(error)}.`;
        this.#home.warnOnce('restore-off', text);
      },
    });
  }

  #warnOfLoss(name: string, path: string): void {
    const text = `${name} runs every time: ${path} is nothing that JSON can hold exactly.`;
    this.#home.warnOnce('result-not-recorded', text, `loss ${name}`);
  }
}

function changedDeps(
  record: TaskRecord | undefined,
  deps: ReadonlyMap<string, string>,
): readonly string[] {
  if (deps.size === 0) return [];
  const before = new Map(record?.deps);
  return [...deps.keys()].filter((dep) => before.get(dep) !== deps.get(dep));
}

/** Without a record it does not matter what outputs there are. */
const nothing = { outputs: [], missingOutputs: [] };
