import { dirname, join, resolve } from 'node:path';
import { sha256 } from '../base/sha256.ts';
import type { CodeScope, Definition } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import type { KeyvLike } from '../model/options.ts';
import { openCacheStore } from './cache-store.ts';
import { inputFiles, literalFiles, outputFiles, rememberGlobs } from './declared-files.ts';
import { DefinitionDigests } from './definition-digest.ts';
import { fileState, isSameContent, refreshedState, wasQuietSince } from './file-state.ts';
import { GlobResults } from './glob-results.ts';
import { GlobalInputs } from './global-inputs.ts';
import { inexactPath } from './inexact-path.ts';
import { ListingStore } from './listing-store.ts';
import { outcomeDigest } from './outcome-digest.ts';
import { tellsOfFolders } from './platform.ts';
import { type DefinitionParts, keptDurations, schema, type TaskRecord } from './record.ts';
import { Records } from './records.ts';
import { inputReasons, outputReasons, type Situation, staleReasons } from './stale-reasons.ts';
import { atOneGlance, statsOf } from './stats-of.ts';
import { memoryStore, type Store } from './store.ts';
import { envDigests, paramDigest } from './value-digest.ts';
import type { FileState, Finished, Observation, Outcome, Success, Verdict } from './verdict.ts';
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
  readonly #globals: GlobalInputs;
  readonly #listings: ListingStore;
  readonly #records: Records;
  readonly #lock: WorkspaceLock | undefined;
  #turns: Promise<void> = Promise.resolve();
  #entered: Promise<void> | undefined;
  #hasOpened = false;
  readonly #digests = new Map<Definition, DefinitionDigest>();
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
    const { path, workDir, globalInputs, clock, code } = options;
    this.#definitions = new DefinitionDigests(workDir, code);
    this.#globals = new GlobalInputs(globalInputs, workDir, clock);
    this.#listings = new ListingStore(
      typeof path === 'string' ? join(dirname(resolve(workDir, path)), 'listings') : undefined,
    );
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
    const inputs = this.#refreshed(this.#inputFiles(node), record, 'inputs');
    const foundOut = this.#discoveredFiles(node, record, inputs);
    const discovered = this.#refreshed(foundOut, record, 'inputs');
    const { files, missing } = outputFiles(node.outputs, this.#options.workDir);
    const outputs = record === undefined ? [] : this.#refreshed(files, record, 'outputs');
    const definition = this.#definitionOf(node);
    const env = envDigests(node.definition.env, this.#options.env);
    const reasons = staleReasons(record, {
      full,
      noSkip: node.definition.noSkip,
      isCacheOff: this.#options.path === false,
      declaresAnything:
        node.inputs.length > 0 || node.deps.length > 0 || node.agingOutputs.length > 0,
      definition: definition.digest,
      parts: definition.parts,
      changedFiles: (before, now) => this.#changedFiles(node, before, now),
      args: node.rawArgs,
      env,
      paramDigest: (name) => paramDigest(node.params, name),
      deps,
      inputs: discovered.length === 0 ? inputs : [...inputs, ...discovered],
      outputs,
      missingOutputs: missing,
      oldOutputs: this.#oldOutputs(node),
    });
    const observation: Observation = {
      definitionDigest: definition.digest,
      parts: definition.parts,
      globalsDigest: this.#globals.listing.digest,
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
    const tooOld = this.#oldOutputs(node, true);
    if (tooOld.length > 0) return { kind: 'outputs-too-old', paths: tooOld };
    const outputs = files.map((path) => fileState(workDir, path));
    const declared = node.definition.outputs.length > 0 ? outputs : undefined;
    const digest = outcomeDigest(declared, value, seen.deps);
    const lossAt = inexactPath(value, 'result');
    if (lossAt !== undefined) this.#warnOfLoss(node.name, lossAt);
    const found = this.#found(node, success);
    const isWhole =
      lossAt === undefined && !hasAsked && found.isSure && this.#isUntouched(node, seen);
    const before = this.#records.get(node.name)?.durations ?? [];
    this.#keepListings(node, seen.parts);
    this.#put(node.name, {
      schema,
      definition: seen.definitionDigest,
      parts: seen.parts,
      args: node.rawArgs,
      env: seen.env,
      params: paramsSeen(node, success.paramsRead),
      inputs: merged(seen.inputs, found.states),
      ...(found.paths.length > 0 && { discovered: found.paths }),
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
  keep(node: TaskNode, success: Omit<Success, 'value'>): Outcome {
    const { seen, paramsRead, hasAsked } = success;
    const { workDir, clock } = this.#options;
    const recordedAt = clock();
    const record = this.#records.get(node.name);
    const outputs = this.#outputsNow(node);
    if (record === undefined || outputReasons(record, outputs).length > 0) {
      return this.skip(node, seen);
    }
    // It may not have got as far as last time, so what it read then counts as well.
    const before = {
      ...success,
      discovered: [...success.discovered, ...(record.discovered ?? [])],
    };
    const found = this.#found(node, before);
    const { discovered: _, ...rest } = record;
    this.#keepListings(node, seen.parts);
    this.#put(node.name, {
      ...rest,
      definition: seen.definitionDigest,
      parts: seen.parts,
      args: node.rawArgs,
      env: seen.env,
      params: paramsSeen(node, paramsRead),
      inputs: merged(seen.inputs, found.states),
      ...(found.paths.length > 0 && { discovered: found.paths }),
      deps: [...seen.deps].sort(([a], [b]) => (a < b ? -1 : 1)),
      outputs: outputs.outputs.map(({ path }) => fileState(workDir, path)),
      finished: !hasAsked && found.isSure && this.#isUntouched(node, seen),
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

  #outputsNow(node: TaskNode): Pick<Situation, 'outputs' | 'missingOutputs'> {
    const { files, missing } = outputFiles(node.outputs, this.#options.workDir);
    const record = this.#records.get(node.name);
    return {
      outputs: this.#refreshed(files, record, 'outputs'),
      missingOutputs: missing,
    };
  }

  /** Whether the inputs of a task are what they were when `seen` was observed. */
  sameInputs(node: TaskNode, seen: Observation): boolean {
    const { workDir } = this.#options;
    const before = new Map(seen.inputs.map((file) => [file.path, file]));
    const now = this.#inputFiles(node).map((path) => {
      const old = before.get(path);
      return old === undefined
        ? fileState(workDir, path)
        : refreshedState(workDir, old, seen.seenAt);
    });
    return inputReasons(seen.inputs, now).length === 0;
  }

  /**
   * Whether all that the task is known to read is what it was when `seen` was observed; what it has
   * found out since then counts as it was at its last success.
   */
  isUnchanged(node: TaskNode, seen: Observation): boolean {
    if (!this.#isUntouched(node, seen)) return false;
    const record = this.#records.get(node.name);
    if (record?.discovered === undefined) return true;
    const declared = new Set(seen.inputs.map(({ path }) => path));
    const before = record.finished
      ? record.inputs.filter(({ path }) => !declared.has(path))
      : seen.discovered;
    const now = this.#discoveredFiles(node, record, seen.inputs);
    return inputReasons(before, this.#refreshed(now, record, 'inputs')).length === 0;
  }

  /** Paths that a task has found out it reads, when it last succeeded. */
  discoveredBy(name: string): readonly string[] {
    return this.#records.get(name)?.discovered ?? [];
  }

  /** Paths of the files that count for all tasks, as they were last looked at. */
  globalPaths(): readonly string[] {
    return this.#globals.listing.files.map(([path]) => path);
  }

  /** A run begins: files that count for all tasks are looked at again. */
  beginRun(): void {
    this.#globals.forget();
  }

  #isUntouched(node: TaskNode, seen: Observation): boolean {
    return this.sameInputs(node, seen) && this.#globals.areStill(seen.globalsDigest);
  }

  #inputFiles(node: TaskNode): string[] {
    return inputFiles(node, this.#options.workDir, this.#options.globalIgnore);
  }

  #discoveredFiles(
    node: TaskNode,
    record: TaskRecord | undefined,
    inputs: readonly FileState[],
  ): string[] {
    if (record?.discovered === undefined) return [];
    const declared = new Set(inputs.map(({ path }) => path));
    const files = literalFiles(record.discovered, node, this.#options.workDir);
    return files.filter((path) => !declared.has(path));
  }

  /**
   * What the task has found out it reads, as it is now. It is sure only if nothing of it can have
   * changed while the task ran: files that were known before are what they were, others are older
   * than the run.
   */
  #found(node: TaskNode, { seen, discovered }: Pick<Success, 'seen' | 'discovered'>): Found {
    const { workDir } = this.#options;
    const paths = [...new Set(discovered)].sort();
    const declared = new Set(seen.inputs.map(({ path }) => path));
    const before = new Map(seen.discovered.map((file) => [file.path, file]));
    let isSure = true;
    const files = literalFiles(paths, node, workDir).filter((path) => !declared.has(path));
    const states = files.map((path) => {
      const old = before.get(path);
      const now = fileState(workDir, path);
      isSure &&=
        old === undefined ? wasQuietSince(workDir, path, seen.seenAt) : isSameContent(old, now);
      return now;
    });
    return { paths, states, isSure };
  }

  #definitionOf({ definition }: TaskNode): DefinitionDigest {
    const globals = this.#globals.listing.digest;
    const known = this.#digests.get(definition);
    if (known?.globals === globals) return known;
    const facts = this.#definitions.factsOf(definition);
    const parts = {
      action: short(facts.action),
      declaration: short(facts.declaration),
      platform: facts.platform,
      modules: short(facts.modules.digest),
      globals: short(globals),
    };
    const found = { globals, digest: sha256(`${facts.digest} ${globals}`), parts };
    this.#digests.set(definition, found);
    return found;
  }

  #keepListings({ definition }: TaskNode, parts: DefinitionParts): void {
    const { modules } = this.#definitions.factsOf(definition);
    this.#listings.keep(parts.modules, modules);
    this.#listings.keep(parts.globals, this.#globals.listing);
  }

  #changedFiles({ definition }: TaskNode, before: string, now: string): readonly string[] {
    const { modules } = this.#definitions.factsOf(definition);
    const listing = short(modules.digest) === now ? modules : this.#globals.listing;
    return this.#listings.changes(before, listing);
  }

  /** Outputs that are older than they may get; only those that must not be, if `enforced`. */
  #oldOutputs({ agingOutputs }: TaskNode, enforced = false): string[] {
    const { workDir, clock } = this.#options;
    if (agingOutputs.length === 0) return [];
    const now = clock();
    return agingOutputs
      .filter((each) => each.enforceFreshness || !enforced)
      .flatMap(({ path, maxAgeMs }) =>
        outputFiles([path], workDir).files.filter((file) => {
          const stats = statsOf(join(workDir, file));
          return stats !== undefined && stats.mtimeMs < now - maxAgeMs;
        }),
      );
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

  /** @param kind Which files of the record are likely to be those of `paths`, one by one. */
  #refreshed(
    paths: readonly string[],
    record: TaskRecord | undefined,
    kind: 'inputs' | 'outputs',
  ): FileState[] {
    const { workDir } = this.#options;
    if (record === undefined) return paths.map((path) => fileState(workDir, path));
    const likely = record[kind];
    let all: ReadonlyMap<string, FileState> | undefined;
    return paths.map((path, index) => {
      let old = likely[index];
      if (old?.path !== path) {
        all ??= statesIn(record);
        old = all.get(path);
      }
      return old === undefined
        ? fileState(workDir, path)
        : refreshedState(workDir, old, record.recordedAt);
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

/** The digest of a definition together with the files that count for all tasks. */
interface DefinitionDigest {
  readonly globals: string;
  readonly digest: string;
  readonly parts: DefinitionParts;
}

function changedDeps(
  record: TaskRecord | undefined,
  deps: ReadonlyMap<string, string>,
): readonly string[] {
  if (deps.size === 0) return [];
  const before = new Map(record?.deps);
  return [...deps.keys()].filter((dep) => before.get(dep) !== deps.get(dep));
}

/** What a task has found out it reads. */
interface Found {
  readonly paths: readonly string[];
  readonly states: readonly FileState[];
  readonly isSure: boolean;
}

/** What is recorded of each file, whether it is an input or an output. */
function statesIn(record: TaskRecord): Map<string, FileState> {
  return new Map([...record.inputs, ...record.outputs].map((file) => [file.path, file]));
}

function merged(inputs: readonly FileState[], discovered: readonly FileState[]): FileState[] {
  return discovered.length === 0 ? [...inputs] : [...inputs, ...discovered];
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
