import type { Definition } from '../model/definition.ts';
import type { TaskNode } from '../model/node.ts';
import { plainPath } from '../model/path-spec.ts';
import type { CodeDigests } from './code-digests.ts';
import { changedSince, type RecordsEdition } from './edition.ts';
import { racyMs } from './file-state.ts';
import {
  encodeLook,
  encodeNews,
  LastLook,
  type LookedAt,
  type LookedAtFile,
  type NewTask,
  outcomeLength,
  type StoredLook,
} from './last-look.ts';
import type { TrackedImports } from './node-files.ts';
import type { TaskRecord } from './record.ts';
import type { FileState, Outcome } from './verdict.ts';

/** A task that is up to date, and what it came to. */
export interface FreshTask {
  readonly node: TaskNode;
  readonly outcome: Outcome;
}

/** The request whose tasks are looked at. */
export interface LookRequest {
  /** Two requests with the same one number the same tasks in the same way. */
  readonly id: string;
  readonly size: number;
  /** The number of a task; undefined if the request does not need it. */
  numberOf(name: string): number | undefined;
  /** The number of the definition of a task, by the number of the task. */
  definitionNumberAt(at: number): number;
  definitionOf(number: number): Definition | undefined;
  nodeAt(at: number): TaskNode;
}

/** What `LastLooks` needs. */
export interface LastLooksParts {
  /** Which records there are; undefined if that is not known. */
  readonly edition: () => RecordsEdition | undefined;
  readonly record: (name: string) => TaskRecord | undefined;
  /** As `record`, if that was asked for or written before. */
  readonly keptRecord: (name: string) => TaskRecord | undefined;
  readonly code: CodeDigests;
  readonly imports: TrackedImports;
  /** Whether there are files that are no input of any task. */
  readonly ignoresFiles: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Judges and writes what a look at all tasks of a request has found. */
export class LastLooks {
  readonly #parts: LastLooksParts;

  constructor(parts: LastLooksParts) {
    this.#parts = parts;
  }

  /** What the last look at the tasks of a request has found, if it holds for the records that there are. */
  of(stored: StoredLook, request: LookRequest): LastLook | undefined {
    const { ignoresFiles, clock } = this.#parts;
    const edition = this.#parts.edition();
    const beside = edition && changedSince(edition, stored.header.snapshot);
    if (beside === undefined || ignoresFiles) return undefined;
    return LastLook.of(stored, {
      request: request.id,
      size: request.size,
      beside,
      numberOf: (name) => request.numberOf(name),
      codeOf: (number) => {
        const definition = request.definitionOf(number);
        return definition && this.#codeOf(definition)?.digest;
      },
      now: clock(),
    });
  }

  /**
   * What is found now, to be read by the next process; undefined if that would not spare it anything.
   *
   * @param last What was found last, as far as it holds.
   * @param fresh Tasks that `last` does not know and that are up to date.
   */
  textOf(
    request: LookRequest,
    last: LastLook | undefined,
    fresh: Iterable<FreshTask>,
  ): Buffer | undefined {
    const { clock, ignoresFiles } = this.#parts;
    const edition = this.#parts.edition();
    if (edition === undefined || ignoresFiles) return undefined;
    const files = new Map<string, LookedAtFile>();
    const tasks = new Map<number, LookedAt>();
    for (const [at, is] of last?.stillTasks().entries() ?? []) {
      if (last !== undefined && is !== 0) addTask(at, last.lookedAt(at), tasks, files);
    }
    const before = tasks.size;
    for (const { node, outcome } of fresh) {
      const at = request.numberOf(node.name);
      const looked =
        at === undefined ? undefined : this.#lookedAt(node, outcome.digest, request, at);
      if (at !== undefined && looked !== undefined) addTask(at, looked, tasks, files);
    }
    if (tasks.size === before) return undefined;
    const codes = new Map<number, string>();
    const beside: Record<string, string> = {};
    for (const { isGroup, definition: number } of tasks.values()) {
      if (isGroup || codes.has(number)) continue;
      const definition = request.definitionOf(number);
      const code = definition && this.#codeOf(definition);
      if (code !== undefined) codes.set(number, code.digest);
    }
    for (const [name, digest] of edition.beside) {
      if (tasks.has(request.numberOf(name) ?? -1)) beside[name] = digest;
    }
    const { id, size } = request;
    const identity = { request: id, size, snapshot: edition.snapshot, beside, codes, now: clock() };
    return encodeLook(identity, tasks);
  }

  /**
   * What has become of tasks that `stored` knows and that have newer records, to be written down beside it;
   * undefined if nothing has to be.
   */
  newsOf(stored: StoredLook, request: LookRequest): string | undefined {
    const edition = this.#parts.edition();
    const beside = edition && changedSince(edition, stored.header.snapshot);
    if (beside === undefined || this.#parts.ignoresFiles) return undefined;
    const tasks: NewTask[] = [];
    const before = new Map(stored.news?.tasks.map((task) => [task.name, task.record]));
    for (const [name, record] of beside) {
      const outcome = this.#parts.keptRecord(name)?.outcome;
      const at = outcome === undefined ? undefined : request.numberOf(name);
      if (at === undefined || outcome === undefined || before.get(name) === record) continue;
      const node = request.nodeAt(at);
      const looked = this.#lookedAt(node, outcome, request, at);
      const code = looked && this.#codeOf(node.definition)?.digest;
      if (looked === undefined || stored.header.codes[looked.definition] !== code) continue;
      if (!looked.isGroup)
        tasks.push({ at, name, record, outcome, files: looked.files.map(fileOf) });
    }
    const news = stored.newsWith(tasks);
    return news && encodeNews(news);
  }

  /** Undefined if more than files has to be looked at. */
  #codeOf(definition: Definition): ReturnType<CodeDigests['of']> | undefined {
    const { code, imports } = this.#parts;
    return imports({ definition }) === undefined ? code.of({ definition }) : undefined;
  }

  /** Undefined if more than its files has to be looked at. */
  #lookedAt(
    node: TaskNode,
    outcome: string,
    request: LookRequest,
    at: number,
  ): LookedAt | undefined {
    const definition = request.definitionNumberAt(at);
    if (isGroup(node)) return { isGroup: true, definition, outcome, files: [] };
    const code = namesFilesOnly(node) ? this.#codeOf(node.definition) : undefined;
    const record = code && this.#parts.record(node.name);
    if (code === undefined || record?.definition !== code.digest || !isPlain(record)) {
      return undefined;
    }
    const youngest = record.recordedAt - racyMs;
    // Those of a record are sorted, and none comes twice.
    const inputs = filesOf([...new Set(node.inputs)].sort(), record.inputs, youngest);
    const outputs = filesOf(node.outputs, record.outputs, youngest);
    if (inputs === undefined || outputs === undefined) return undefined;
    return { isGroup: false, definition, outcome, files: [...inputs, ...outputs] };
  }
}

function isGroup({ definition, makers, agingOutputs }: TaskNode): boolean {
  const { action, service, noSkip } = definition;
  const isPlainGroup = action === undefined && service === undefined && !noSkip;
  return isPlainGroup && makers.length + agingOutputs.length === 0;
}

/** Whether nothing of a task but the files that it names, and its deps, has to be looked at. */
function namesFilesOnly({ definition, inputs, ignore, outputs, ...node }: TaskNode): boolean {
  const isPath = (path: unknown): boolean => typeof path === 'string' && plainPath.test(path);
  return (
    !definition.noSkip &&
    definition.env.length + ignore.length + node.agingOutputs.length + node.makers.length === 0 &&
    definition.action !== undefined &&
    definition.service === undefined &&
    inputs.length + node.deps.length > 0 &&
    inputs.every(isPath) &&
    outputs.every(isPath)
  );
}

/** Parts of a record that are compared, or of no matter for a task that is up to date. */
type ToldParts =
  | 'schema'
  | 'definition'
  | 'parts'
  | 'args'
  | 'env'
  | 'params'
  | 'inputs'
  | 'deps'
  | 'outputs'
  | 'left'
  | 'outcome'
  | 'durations'
  | 'finished'
  | 'recordedAt';
/** All others: a record that has one of them asks for a closer look. */
const otherParts: Readonly<Record<Exclude<keyof TaskRecord, ToldParts>, true>> = {
  discovered: true,
  written: true,
  unsure: true,
  value: true,
};

function isPlain(record: TaskRecord): boolean {
  const { env, params, finished, outcome } = record;
  return (
    finished &&
    outcome.length === outcomeLength &&
    Object.keys(env).length + Object.keys(params).length === 0 &&
    Object.keys(otherParts).every((part) => !(part in record))
  );
}

/** What is recorded of `paths`, if they are what was recorded and nothing has to be read to know that. */
function filesOf(
  paths: readonly unknown[],
  recorded: readonly FileState[],
  youngest: number,
): readonly FileState[] | undefined {
  const isSure = ({ path, sha256, mtimeMs, ctimeMs }: FileState, at: number): boolean =>
    path === paths[at] && sha256 !== undefined && mtimeMs < youngest && ctimeMs < youngest;
  return paths.length === recorded.length && recorded.every(isSure) ? recorded : undefined;
}

function fileOf({ path, ino, size, mtimeMs, ctimeMs }: LookedAtFile): LookedAtFile {
  return { path, ino, size, mtimeMs, ctimeMs };
}

/** Adds a task unless one of its files was another one for a task before. */
function addTask(
  at: number,
  task: LookedAt,
  tasks: Map<number, LookedAt>,
  files: Map<string, LookedAtFile>,
): void {
  for (const file of task.files) {
    const known = files.get(file.path);
    if (known !== undefined && !isSameFile(known, file)) return;
    files.set(file.path, file);
  }
  tasks.set(at, task);
}

function isSameFile(a: LookedAtFile, b: LookedAtFile): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
