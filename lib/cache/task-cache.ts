import { dirname, join, resolve } from 'node:path';
import type { CodeScope } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import type { KeyvLike } from '../model/options.ts';
import type { StaleReason, UnsureReason } from '../model/stale-reason.ts';
import { openCacheStore } from './cache-store.ts';
import { CodeDigests } from './code-digests.ts';
import { rememberGlobs } from './declared-files.ts';
import { GlobResults } from './glob-results.ts';
import { inexactPath } from './inexact-path.ts';
import { NodeFiles } from './node-files.ts';
import { outcomeDigest } from './outcome-digest.ts';
import { tellsOfFolders } from './platform.ts';
import { keptDurations, schema, type TaskRecord } from './record.ts';
import { Records } from './records.ts';
import { objectFolder, Restoring } from './restoring.ts';
import { outputReasons, staleReasons } from './stale-reasons.ts';
import { atOneGlance, lookAnew } from './stats-of.ts';
import { memoryStore, type Store } from './store.ts';
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
import type { WorkspaceLock } from './workspace-lock.ts';

/** What a cache needs. */
export interface CacheOptions {
  /** The SQLite file, a Keyv instance, or `false`: then nothing is up to date and nothing is kept. */
  readonly path: string | KeyvLike | false;
  /** Keeps builds apart that use the same file; undefined if nothing does. */
  readonly lock?: (file: string) => WorkspaceLock;
  /** Absolute; declared paths and those in records are relative to it. */
  readonly workDir: string;
  /** Paths and globs that count for every task. Default: the nearest package lock file. */
  readonly globalInputs?: readonly string[] | undefined;
  /** Paths and globs that are no input of any task. Default: none. */
  readonly globalIgnore?: readonly string[];
  /** What of the code counts where a definition does not say it. Default: `module`. */
  readonly code?: CodeScope;
  /** Looks up an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Whether nothing may be written anywhere. Default: false. */
  readonly isReadOnly?: boolean;
  /** How many bytes of outputs are kept to be put back; undefined: none are. */
  readonly restoreBytes?: number | undefined;
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
  readonly #code: CodeDigests;
  readonly #files: NodeFiles;
  readonly #restoring: Restoring | undefined;
  readonly #records: Records;
  readonly #lock: WorkspaceLock | undefined;
  #turns: Promise<void> = Promise.resolve();
  #entered: Promise<void> | undefined;
  #hasOpened = false;
  readonly #warned = new Set<string>();

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
    const { path, workDir, globalInputs, globalIgnore, clock, code } = options;
    const folder = typeof path === 'string' ? dirname(resolve(workDir, path)) : undefined;
    const listings = folder && join(folder, 'listings');
    this.#code = new CodeDigests({ workDir, globalInputs, code, clock, listings });
    this.#files = new NodeFiles(workDir, globalIgnore, clock);
    this.#restoring = this.#restoringIn(folder ?? join(workDir, '.parproc'));
    this.#lock = typeof path === 'string' ? options.lock?.(resolve(workDir, path)) : undefined;
    const globs = new GlobResults(clock, tellsOfFolders);
    if (path !== false) rememberGlobs(workDir, globs);
    this.#records = new Records({
      aside: globs,
      open: (isDamaged) => this.#openStore(isDamaged),
      clock,
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
    return atOneGlance(() => this.#check(node, deps, full));
  }

  #check(node: TaskNode, deps: ReadonlyMap<string, string>, full: boolean): Verdict {
    const seenAt = this.#options.clock();
    const record = this.#records.get(node.name);
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

  /** Marks the task as under way, so that it is not up to date if we are cut short. Never rejects. */
  async begin(node: TaskNode): Promise<void> {
    const record = this.#records.get(node.name);
    if (record === undefined) return;
    if (!record.finished && record.unsure === undefined) return;
    const { unsure: _, ...rest } = record;
    this.#put(node.name, { ...rest, finished: false });
    await this.flush();
  }

  /**
   * Takes in that the action of a task has succeeded. It runs again the next time if its inputs
   * changed meanwhile, if JSON cannot hold its result, or if it has asked for things itself.
   */
  finish(node: TaskNode, success: Success): Finished {
    const { seen, value, tookMs, hasAsked } = success;
    const recordedAt = this.#options.clock();
    const { missingOutputs, outputs } = this.#files.outputs(node, undefined);
    if (missingOutputs.length > 0) return { kind: 'outputs-missing', paths: missingOutputs };
    const tooOld = this.#files.tooOld(node, true);
    if (tooOld.length > 0) return { kind: 'outputs-too-old', paths: tooOld };
    const declared = node.definition.outputs.length > 0 ? outputs : undefined;
    const digest = outcomeDigest(declared, value, seen.deps);
    const lossAt = inexactPath(value, 'result');
    if (lossAt !== undefined) this.#warnOfLoss(node.name, lossAt);
    const found = this.#files.found(node, success);
    const isTouched = !found.isSure || !this.#isUntouched(node, seen);
    const unsure = unsureReason(hasAsked, lossAt, isTouched);
    const before = this.#records.get(node.name)?.durations ?? [];
    const record: TaskRecord = {
      schema,
      definition: seen.definitionDigest,
      parts: seen.parts,
      args: node.rawArgs,
      env: seen.env,
      params: paramsSeen(node, success.paramsRead),
      inputs: merged(seen.inputs, found.states),
      ...(found.paths.length > 0 && { discovered: found.paths }),
      deps: sortedDeps(seen),
      outputs,
      ...(unsure === undefined && value !== undefined && { value: structuredClone(value) }),
      outcome: digest,
      durations: [tookMs, ...before].slice(0, keptDurations),
      finished: unsure === undefined,
      ...(unsure !== undefined && { unsure }),
      recordedAt,
    };
    this.#code.keepListings(node, seen.parts);
    this.#put(node.name, record);
    if (unsure === undefined) this.#restoring?.keep(node, record, success, found.states);
    return { kind: 'finished', outcome: { value, digest } };
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
    const record = this.#records.get(node.name);
    const restored = this.#restoring?.restore(node, seen, reasons, record);
    lookAnew();
    if (restored === undefined) return undefined;
    const { edition, outputs, found } = restored;
    const { params, discovered, value, outcome, log } = edition;
    this.#code.keepListings(node, seen.parts);
    this.#put(node.name, {
      schema,
      definition: seen.definitionDigest,
      parts: seen.parts,
      args: node.rawArgs,
      env: seen.env,
      params,
      inputs: merged(seen.inputs, found),
      ...(discovered.length > 0 && { discovered }),
      deps: sortedDeps(seen),
      outputs,
      ...(value !== undefined && { value: structuredClone(value) }),
      outcome,
      durations: record?.durations ?? [],
      finished: true,
      // What has changed since then may have done so unnoticed.
      recordedAt: seen.seenAt,
    });
    return { outcome: { value, digest: outcome }, log };
  }

  /**
   * Takes in that a task has said that nothing has changed. If its outputs are those of its last
   * success, that goes on to count; if not, the task runs again the next time.
   */
  keep(node: TaskNode, success: Omit<Success, 'value'>): Outcome {
    const { seen, paramsRead, hasAsked } = success;
    const recordedAt = this.#options.clock();
    const record = this.#records.get(node.name);
    const outputs = this.#files.outputs(node, record);
    if (record === undefined || outputReasons(record, outputs).length > 0) {
      return this.skip(node, seen);
    }
    // It may not have got as far as last time, so what it read then counts as well.
    const before = {
      ...success,
      discovered: [...success.discovered, ...(record.discovered ?? [])],
    };
    const found = this.#files.found(node, before);
    const { discovered: _, unsure: __, ...rest } = record;
    const isTouched = !found.isSure || !this.#isUntouched(node, seen);
    const unsure = unsureReason(hasAsked, undefined, isTouched);
    this.#code.keepListings(node, seen.parts);
    this.#put(node.name, {
      ...rest,
      definition: seen.definitionDigest,
      parts: seen.parts,
      args: node.rawArgs,
      env: seen.env,
      params: paramsSeen(node, paramsRead),
      inputs: merged(seen.inputs, found.states),
      ...(found.paths.length > 0 && { discovered: found.paths }),
      deps: sortedDeps(seen),
      outputs: this.#files.read(outputs.outputs.map(({ path }) => path)),
      finished: unsure === undefined,
      ...(unsure !== undefined && { unsure }),
      recordedAt,
    });
    return { value: structuredClone(record.value), digest: record.outcome };
  }

  /**
   * What a task that has skipped its work comes to: its last outcome, if its outputs are still those.
   * Nothing is recorded but that: it is asked again the next time.
   */
  skip(node: TaskNode, seen: Observation): Outcome {
    const record = this.#records.get(node.name);
    const now = this.#files.outputs(node, record);
    if (record !== undefined) {
      this.#put(node.name, { ...record, finished: false, unsure: { kind: 'was-skipped' } });
    }
    if (record !== undefined && outputReasons(record, now).length === 0) {
      return { value: structuredClone(record.value), digest: record.outcome };
    }
    const declared = node.definition.outputs.length > 0 ? now.outputs : undefined;
    return { value: undefined, digest: outcomeDigest(declared, undefined, seen.deps) };
  }

  /** The digest of what the task last came to; undefined if it never succeeded. */
  lastOutcome(name: string): string | undefined {
    return this.#records.get(name)?.outcome;
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
      return this.#files.sameFound(node, this.#records.get(node.name), seen);
    });
  }

  /** Paths that a task has found out it reads, when it last succeeded. */
  discoveredBy(name: string): readonly string[] {
    return this.#records.get(name)?.discovered ?? [];
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

  #isUntouched(node: TaskNode, seen: Observation): boolean {
    return this.sameInputs(node, seen) && this.#code.areGlobalsStill(seen.globalsDigest);
  }

  /**
   * Resolves when no other build is under way and all is known that they have left. Between `leave`
   * and this nothing is to be asked. Never rejects.
   */
  enter(): Promise<void> {
    // One promise for all who come meanwhile: what they go on with then is one piece.
    this.#entered ??= this.#inTurn(() => this.#enter());
    return this.#entered;
  }

  /** Lets other builds in, once all is written. Never rejects. */
  leave(): Promise<void> {
    this.#entered = undefined;
    return this.#inTurn(() => this.#leave());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turns = this.#turns.then(work);
    return this.#turns;
  }

  async #enter(): Promise<void> {
    if (this.#options.path === false) return;
    const trouble = await this.#enterAlone();
    if (this.#hasOpened) await this.#records.refresh();
    else await this.#records.open();
    this.#hasOpened = true;
    if (trouble === undefined || !this.#records.isOpen) return;
    const text = `Builds in this folder are not kept apart: ${messageOf(trouble)}.`;
    this.#warnOnce('no-lock', 'no-lock', text);
  }

  async #enterAlone(): Promise<unknown> {
    try {
      await this.#lock?.enter();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #leave(): Promise<void> {
    await this.#records.settle();
    this.#restoring?.clear();
    // If it cannot be given back, it is as soon as the process ends.
    await this.#lock?.leave().catch(() => this.#lock?.close());
  }

  /** Resolves when all that was to be kept is on disk. Never rejects. */
  flush(): Promise<void> {
    return this.#records.flush();
  }

  /** Writes what is left and closes the file. Never rejects. */
  close(): Promise<void> {
    this.#entered = undefined;
    return this.#inTurn(async () => {
      await this.#leave();
      await this.#records.close();
      this.#hasOpened = false;
      await this.#lock?.close().catch(() => undefined);
    });
  }

  /** What had to be read although nothing had changed is noted, so that the next check is quick. */
  #renew(
    node: TaskNode,
    record: TaskRecord,
    { inputs: declared, discovered, seenAt }: Observation,
    outputs: readonly FileState[],
  ): void {
    const inputs = merged(declared, discovered);
    const isNew = (now: readonly FileState[], old: readonly FileState[]): boolean =>
      now.some((file, index) => file !== old[index]);
    if (!isNew(inputs, record.inputs) && !isNew(outputs, record.outputs)) return;
    this.#put(node.name, { ...record, inputs, outputs, recordedAt: seenAt });
  }

  #put(name: string, record: TaskRecord): void {
    const { path, isReadOnly } = this.#options;
    if (path !== false && isReadOnly !== true) this.#records.put(name, record);
  }

  #restoringIn(cacheFolder: string): Restoring | undefined {
    const { path, workDir, isReadOnly, restoreBytes: mostBytes, clock } = this.#options;
    if (path === false || isReadOnly === true || mostBytes === undefined) return undefined;
    return new Restoring({
      folder: objectFolder(cacheFolder),
      mostBytes,
      clock,
      workDir,
      files: this.#files,
      onTrouble: (error) =>
        this.#warnOnce(
          'restore-off',
          'restore-off',
          `No outputs are kept or put back any more: ${messageOf(error)}.`,
        ),
    });
  }

  #openStore(isDamaged: boolean): Promise<Store> {
    const { path, workDir, isReadOnly = false, onWarning } = this.#options;
    if (path === false) return Promise.resolve(memoryStore());
    const at = typeof path === 'string' ? resolve(workDir, path) : path;
    const onRecovered = (aside: string): void => {
      const text = `The cache was damaged and is now ${aside}; what it held is done again.`;
      onWarning('cache-damaged', text);
    };
    return openCacheStore({ at, isReadOnly, onRecovered }, isDamaged);
  }

  #warnOfTrouble(error: unknown): void {
    const text = `Nothing is remembered for the next run: ${messageOf(error)}.`;
    this.#warnOnce('cache-off', 'cache-off', text);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function changedDeps(
  record: TaskRecord | undefined,
  deps: ReadonlyMap<string, string>,
): readonly string[] {
  if (deps.size === 0) return [];
  const before = new Map(record?.deps);
  return [...deps.keys()].filter((dep) => before.get(dep) !== deps.get(dep));
}

function unsureReason(
  hasAsked: boolean,
  lossAt: string | undefined,
  isTouched: boolean,
): UnsureReason | undefined {
  if (hasAsked) return { kind: 'asks-build' };
  if (lossAt !== undefined) return { kind: 'inexact-result', path: lossAt };
  return isTouched ? { kind: 'changed-while-running' } : undefined;
}

function sortedDeps({ deps }: Observation): TaskRecord['deps'] {
  return [...deps].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Without a record it does not matter what outputs there are. */
const nothing = { outputs: [], missingOutputs: [] };

function merged(inputs: readonly FileState[], discovered: readonly FileState[]): FileState[] {
  return discovered.length === 0 ? [...inputs] : [...inputs, ...discovered];
}
