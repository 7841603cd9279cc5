import { type Stats, statSync } from 'node:fs';
import type { TaskNode } from '../model/node.ts';
import { plainPath } from '../model/path-spec.ts';
import type { CodeDigest } from './code-digests.ts';
import { racyMs } from './file-state.ts';
import { keptObservation } from './kept-observation.ts';
import { headWords, noValue, numbersPerFile, numbersPerTask, type Snapshot } from './snapshot.ts';
import { isAbsence } from './stats-of.ts';
import type { Observation } from './verdict.ts';

/** What a glance needs to know. */
export interface GlanceOptions {
  readonly snapshot: Snapshot;
  /** Of a task that was last used before this it is to be noted that it is used, in milliseconds since 1970. */
  readonly usedSince: number;
  /** Whether the snapshot has not got the newest record of a task; undefined if it has those of all. */
  readonly isOutdated: ((name: string) => boolean) | undefined;
  readonly codeOf: (task: Defined) => CodeDigest;
  /** Whether it counts what the inputs of a task import: that is to be looked at anew. */
  readonly tracksImports: (task: Defined) => boolean;
  /** Whether there are files that are no input of any task. */
  readonly ignoresFiles: boolean;
  /** The files that the inputs of a task stand for; undefined if that cannot be told. */
  readonly inputsOf: (node: TaskNode) => readonly string[] | undefined;
  /** What makes a path of it that is relative to the working directory. */
  readonly pathPrefix: string;
  /** Now, in milliseconds since 1970. */
  readonly seenAt: number;
}

/** A task, or something else of its definition. */
type Defined = Pick<TaskNode, 'definition'>;

const statOptions = { throwIfNoEntry: false } as const;
const unseen = 0;
const isThere = 1;
const isNoFile = 2;

/**
 * Sees of many tasks in one go that they are up to date, as a full check would, only from what the
 * snapshot holds and what `stat` tells. Whatever is not plain to see is left to the full check: files
 * that are to be read, globs in outputs, environment variables, params, results, deps in another order.
 *
 * It looks at each file once, so it is for one synchronous stretch.
 */
export class Glance {
  readonly #options: GlanceOptions;
  readonly #snapshot: Snapshot;
  /** By the number of its path: whether it was looked at. */
  readonly #seen: Uint8Array;
  readonly #stats: Float64Array;
  /** The digest of the files that count for all tasks. */
  #globals = '';
  /** By the number of its text: whether the parts of a record without columns are of no matter. */
  readonly #isBare = new Map<number, boolean>();
  constructor(options: GlanceOptions) {
    this.#options = options;
    this.#snapshot = options.snapshot;
    const length = options.snapshot.textCount;
    this.#seen = new Uint8Array(length);
    this.#stats = new Float64Array(numbersPerFile * length);
  }

  /**
   * The outcome digest of a task that is up to date, if that is plain to see.
   *
   * @param depDigests Outcome digests of its deps, in their order.
   */
  digestOf(node: TaskNode, depDigests: readonly string[]): string | undefined {
    const task = this.#snapshot.numberOf(node.name);
    if (task === undefined || !this.#isPlain(node)) return undefined;
    const { words, times, starts } = this.#snapshot;
    const word = starts[2 * task] ?? 0;
    const file = starts[2 * task + 1] ?? 0;
    if (!this.#isCurrent(task)) return undefined;
    const { digest, globals } = this.#options.codeOf(node);
    this.#globals = globals;
    if (this.#snapshot.textAt(words[word + 1]) !== digest) return undefined;
    if (words[word + 5] !== noValue || !this.#isBareAt(words[word + 3] ?? -1)) return undefined;
    const inputCount = words[word + 6] ?? 0;
    const outputCount = words[word + 7] ?? 0;
    const depCount = words[word + 8] ?? 0;
    const firstOutput = word + headWords + 2 * inputCount;
    const firstDep = firstOutput + 2 * outputCount;
    const youngest = (times[numbersPerTask * task] ?? 0) - racyMs;
    const isFresh =
      this.#hasArgs(firstDep + 2 * depCount, words[word + 9] ?? 0, node.rawArgs) &&
      this.#hasDeps(firstDep, depCount, node.deps, depDigests) &&
      this.#hasInputs(node, task, inputCount, youngest) &&
      this.#hasFiles(node.outputs, firstOutput, file + inputCount, outputCount, youngest);
    return isFresh ? this.#outcomeOf(task) : undefined;
  }

  /** What its dependants compare of a task that is up to date, by its number. */
  #outcomeOf(task: number): string {
    const { words, starts } = this.#snapshot;
    return this.#snapshot.textAt(words[(starts[2 * task] ?? 0) + 2]);
  }

  /** Whether the snapshot has the newest record of a task, and nobody has to note that it is used. */
  #isCurrent(task: number): boolean {
    const { usedSince, isOutdated } = this.#options;
    const { words, times, starts } = this.#snapshot;
    if ((times[numbersPerTask * task + 1] ?? 0) < usedSince) return false;
    if (isOutdated === undefined) return true;
    return !isOutdated(this.#snapshot.textAt(words[starts[2 * task] ?? -1]));
  }

  /** What a full check would have seen of a task that was found to be up to date. */
  observationOf(node: TaskNode): Observation {
    const kept = this.#snapshot.get(node.name);
    if (kept === undefined)
      throw new Error(`Internal error: '${node.name}' is not in the snapshot`);
    return keptObservation(kept.record, this.#globals, this.#options.seenAt);
  }

  /** Whether the definition has nothing in it that asks for a closer look. */
  #isPlain(node: TaskNode): boolean {
    const { definition, inputs, deps, agingOutputs, makers } = node;
    return (
      !definition.noSkip &&
      !this.#options.tracksImports(node) &&
      definition.env.length === 0 &&
      inputs.length + deps.length > 0 &&
      agingOutputs.length + makers.length === 0
    );
  }

  #isBareAt(text: number): boolean {
    const known = this.#isBare.get(text);
    if (known !== undefined) return known;
    const {
      env,
      params,
      finished,
      discovered,
      written,
      left: _left,
      unsure,
      ...rest
    } = this.#snapshot.othersAt(text);
    const { parts: _, ...unknown } = rest;
    // A part that is not named here would be overlooked.
    unknown satisfies Record<string, never>;
    const isBare =
      finished &&
      discovered === undefined &&
      written === undefined &&
      unsure === undefined &&
      Object.keys(env).length + Object.keys(params).length === 0;
    this.#isBare.set(text, isBare);
    return isBare;
  }

  #hasArgs(first: number, count: number, args: TaskNode['rawArgs']): boolean {
    const { words } = this.#snapshot;
    let left = count;
    for (const _ in args) left--;
    if (left !== 0) return false;
    for (let at = first; at < first + 2 * count; at += 2) {
      const name = this.#snapshot.textAt(words[at]);
      if (!Object.hasOwn(args, name) || args[name] !== this.#snapshot.textAt(words[at + 1]))
        return false;
    }
    return true;
  }

  #hasDeps(
    first: number,
    count: number,
    deps: readonly string[],
    digests: readonly string[],
  ): boolean {
    if (count !== deps.length || count > mostDeps) return false;
    const { words } = this.#snapshot;
    for (let index = 0; index < count; index++) {
      const at = first + 2 * index;
      const dep = deps.indexOf(this.#snapshot.textAt(words[at]));
      if (dep === -1 || digests[dep] !== this.#snapshot.textAt(words[at + 1])) return false;
    }
    return true;
  }

  #hasInputs(node: TaskNode, task: number, count: number, youngest: number): boolean {
    const { starts } = this.#snapshot;
    const word = (starts[2 * task] ?? 0) + headWords;
    const file = starts[2 * task + 1] ?? 0;
    const mayBeListed = !this.#options.ignoresFiles && node.ignore.length === 0;
    if (mayBeListed && this.#hasFiles(node.inputs, word, file, count, youngest)) return true;
    const paths = this.#options.inputsOf(node);
    return paths !== undefined && this.#hasFiles(paths, word, file, count, youngest);
  }

  /** Whether `paths` are just the files that were recorded, and these are as they were. */
  #hasFiles(
    paths: readonly unknown[],
    word: number,
    file: number,
    count: number,
    youngest: number,
  ): boolean {
    if (paths.length !== count) return false;
    const { words } = this.#snapshot;
    for (let index = 0; index < count; index++) {
      const number = words[word + 2 * index] ?? -1;
      const path = this.#snapshot.textAt(number);
      const hasDigest = words[word + 2 * index + 1] !== 0;
      if (path !== paths[index] || !hasDigest) return false;
      if (this.#seen[number] === unseen) this.#look(number, path);
      if (this.#seen[number] !== isThere) return false;
      if (!this.#isSame(number, numbersPerFile * (file + index), youngest)) return false;
    }
    return true;
  }

  #isSame(number: number, before: number, youngest: number): boolean {
    const { files } = this.#snapshot;
    const now = numbersPerFile * number;
    const stats = this.#stats;
    const mtime = stats[now + 2] ?? Number.NaN;
    const ctime = stats[now + 3] ?? Number.NaN;
    return (
      mtime < youngest &&
      ctime < youngest &&
      ctime === files[before + 3] &&
      mtime === files[before + 2] &&
      stats[now + 1] === files[before + 1] &&
      stats[now] === files[before]
    );
  }

  #look(number: number, path: string): void {
    this.#seen[number] = isNoFile;
    if (!plainPath.test(path)) return;
    const stats = lookAt(this.#options.pathPrefix + path);
    if (stats?.isFile() !== true) return;
    const at = numbersPerFile * number;
    this.#stats[at] = stats.ino;
    this.#stats[at + 1] = stats.size;
    this.#stats[at + 2] = stats.mtimeMs;
    this.#stats[at + 3] = stats.ctimeMs;
    this.#seen[number] = isThere;
  }
}

/** So few that comparing each with each is quicker than anything else. */
const mostDeps = 32;

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, statOptions);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
