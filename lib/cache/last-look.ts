import { constants, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { isAbsence } from './stats-of.ts';

/** What was known of one task when it was found to be up to date. */
export interface LookedAt {
  /** Whether it only groups others: it has no files, and is as it was if its deps are. */
  readonly isGroup: boolean;
  /** The number of its definition. */
  readonly definition: number;
  /** What its dependants compare. */
  readonly outcome: string;
  /** Its inputs and outputs. */
  readonly files: readonly LookedAtFile[];
}

/** A file as it was when it was read. */
export interface LookedAtFile {
  readonly path: string;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** What a look has to agree with to be believed. */
export interface LookTerms {
  /** Which request it was for: the one that numbers the tasks in the same way. */
  readonly request: string;
  readonly size: number;
  /** Digests of records that may be others than those in the snapshot of the look, by the names of their tasks. */
  readonly beside: ReadonlyMap<string, string>;
  /** The number of a task; undefined if the request does not need it. */
  readonly numberOf: (name: string) => number | undefined;
  /** The digest of a definition, by its number; undefined if more than its files has to be looked at. */
  readonly codeOf: (definition: number) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What has become of some tasks since a look was written: little is to be written for a few of thousands. */
export interface LookNews {
  /** The checksum of the look. */
  readonly look: string;
  /** The same tasks with the same files, as they are now. */
  readonly tasks: readonly NewTask[];
  /** Tasks with a file that is another one now for one of these, and is not known to be so for them. */
  readonly outdated: readonly number[];
}

/** One of them. */
export interface NewTask {
  readonly at: number;
  readonly name: string;
  /** The digest of its record, which counts instead of that in the snapshot. */
  readonly record: string;
  readonly outcome: string;
  readonly files: readonly LookedAtFile[];
}

/** What stands in front of the columns. */
interface Header {
  readonly layout: typeof layoutVersion;
  readonly request: string;
  readonly snapshot: string;
  readonly beside: Readonly<Record<string, string>>;
  readonly at: number;
  readonly size: number;
  readonly known: number;
  /** How many of these tasks only group others. */
  readonly groups: number;
  readonly files: number;
  readonly uses: number;
  /** Digests of definitions, by their numbers. */
  readonly codes: Readonly<Record<number, string>>;
}

/** Grows by one whenever a look is written in another form. */
const layoutVersion = 1;
/** So many digits of a checksum stand in front. */
const digits = 8;
/** Columns begin at a multiple of this. */
const alignment = 8;
const dayMs = 86_400_000;
/** Of more tasks a look is written anew when it is next worth it. */
const mostNews = 200;
/** So many numbers belong to each file: ino, size, mtime, ctime. */
const numbersPerFile = 4;
/**
 * Two numbers per task: its definition, counted from 2, and where its files end. Instead of the definition
 * there may be one of these.
 */
const numbersPerTask = 2;
const unknown = 0;
const group = 1;
const firstDefinition = 2;
/** Of an outcome digest, in characters. */
export const outcomeLength = 64;
const noOutcome = ' '.repeat(outcomeLength);

const { S_IFMT, S_IFREG } = constants;
const statOptions = { throwIfNoEntry: false } as const;

/** That a task is as it was if its deps are: it does something, or it only groups others. */
export const stillAction = 1;
export const stillGroup = 2;

/** What was seen of a file; 0 for nothing yet. */
const isSame = 1;
const isOther = 2;

/** What a look is written with. */
export interface LookIdentity extends Pick<LookTerms, 'request' | 'size' | 'now'> {
  /** The checksum of the snapshot. */
  readonly snapshot: string;
  /** The digests of those records beside the snapshot that it knows. */
  readonly beside: Readonly<Record<string, string>>;
  readonly codes: ReadonlyMap<number, string>;
}

/** @param tasks By their numbers. */
export function encodeLook(identity: LookIdentity, tasks: ReadonlyMap<number, LookedAt>): Buffer {
  const { request, size, snapshot, beside, now, codes } = identity;
  const numbers = new Map<string, number>();
  const files: number[] = [];
  const uses: number[] = [];
  const perTask = new Uint32Array(numbersPerTask * size);
  const outcomes: string[] = [];
  for (let at = 0; at < size; at++) {
    const task = tasks.get(at);
    for (const { path, ino, size: length, mtimeMs, ctimeMs } of task?.files ?? []) {
      const known = numbers.get(path);
      uses.push(known ?? numbers.size);
      if (known !== undefined) continue;
      numbers.set(path, numbers.size);
      files.push(ino, length, mtimeMs, ctimeMs);
    }
    perTask[numbersPerTask * at] = markOf(task);
    perTask[numbersPerTask * at + 1] = uses.length;
    outcomes.push(task?.outcome ?? noOutcome);
  }
  const header: Header = {
    layout: layoutVersion,
    request,
    snapshot,
    beside,
    at: now,
    size,
    known: tasks.size,
    groups: [...tasks.values()].filter(({ isGroup }) => isGroup).length,
    files: numbers.size,
    uses: uses.length,
    codes: Object.fromEntries(codes),
  };
  const head = `${JSON.stringify(header)}\n`;
  const padding = ' '.repeat(alignment - 1 - ((digits + head.length - 1) % alignment));
  const body = Buffer.concat([
    Buffer.from(padding + head, 'latin1'),
    bytesOf(Float64Array.from(files)),
    bytesOf(perTask),
    bytesOf(Uint32Array.from(uses)),
    Buffer.from(outcomes.join(''), 'latin1'),
    Buffer.from([...numbers.keys()].join('\n'), 'latin1'),
  ]);
  return Buffer.concat([Buffer.from(checksum(body)), body]);
}

function markOf(task: LookedAt | undefined): number {
  if (task === undefined) return unknown;
  return task.isGroup ? group : firstDefinition + task.definition;
}

/**
 * A look that was read; its paths are relative to the working directory of this process. It looks at each file
 * once, so it is for one moment: who uses it later than others takes what they have seen for what there is.
 */
export class StoredLook {
  /** Its checksum. */
  readonly id: string;
  readonly header: Header;
  readonly tasks: Uint32Array;
  /** What has been written since. */
  news: LookNews | undefined;
  /** What the look itself has of files of which there are news. */
  readonly #before = new Map<number, readonly number[]>();
  readonly #files: Float64Array;
  readonly #uses: Uint32Array;
  readonly #outcomes: Buffer;
  readonly #paths: readonly string[];
  /** By the number of a file. */
  readonly #seen: Uint8Array;
  /** All files before this one have been looked at, and so many of them are not as they were. */
  #next = 0;
  #changedCount = 0;

  /**
   * The look in `stored`; undefined if it is damaged or of another version.
   *
   * @param news What has been written since, if it is about this one.
   */
  static decode(stored: Buffer, news?: Buffer): StoredLook | undefined {
    const body = stored.subarray(digits);
    const found = stored.toString('latin1', 0, digits);
    if (found !== checksum(body)) return undefined;
    try {
      const end = body.indexOf('\n');
      const header = JSON.parse(body.toString('latin1', 0, end)) as Header;
      if (header.layout !== layoutVersion) return undefined;
      const look = new StoredLook(found, header, body, end + 1);
      look.#take(news && decodeNews(news));
      return look;
    } catch {
      return undefined;
    }
  }

  private constructor(id: string, header: Header, body: Buffer, start: number) {
    this.id = id;
    this.header = header;
    const tasks = start + 8 * numbersPerFile * header.files;
    const uses = tasks + 4 * numbersPerTask * header.size;
    const outcomes = uses + 4 * header.uses;
    const paths = outcomes + outcomeLength * header.size;
    this.#files = new Float64Array(copyOf(body, start, tasks));
    this.tasks = new Uint32Array(copyOf(body, tasks, uses));
    this.#uses = new Uint32Array(copyOf(body, uses, outcomes));
    this.#outcomes = body.subarray(outcomes, paths);
    this.#paths = body.toString('latin1', paths).split('\n');
    this.#seen = new Uint8Array(header.files);
  }

  #take(news: LookNews | undefined): void {
    if (news?.look !== this.id) return;
    this.news = news;
    for (const { at, outcome, files } of news.tasks) {
      this.#outcomes.write(outcome, outcomeLength * at, 'latin1');
      for (const [index, file] of files.entries()) {
        const number = this.#fileOf(at, index);
        if (!this.#before.has(number)) this.#before.set(number, this.#numbersAt(number));
        this.#files.set(numbersOf(file), numbersPerFile * number);
      }
    }
  }

  #numbersAt(file: number): readonly number[] {
    return [...this.#files.subarray(numbersPerFile * file, numbersPerFile * (file + 1))];
  }

  /**
   * What is to be written down of tasks that have newer records, beside what was before; undefined if nothing
   * has to be.
   */
  newsWith(tasks: readonly NewTask[]): LookNews | undefined {
    const news = new Map(this.news?.tasks.map((task) => [task.at, task]));
    let isNew = false;
    for (const task of tasks) {
      if (!this.#hasFilesOf(task) || news.get(task.at)?.record === task.record) continue;
      news.set(task.at, task);
      isNew = true;
    }
    if (!isNew || news.size > mostNews) return undefined;
    const changed = this.#changedBy(news.values());
    const outdated: number[] = [];
    for (let at = 0; at < this.header.size && changed.size > 0; at++) {
      for (let use = this.#endOf(at - 1); use < this.#endOf(at); use++) {
        const numbers = changed.get(this.#uses[use] ?? -1);
        if (numbers === undefined) continue;
        const index = use - this.#endOf(at - 1);
        const file = news.get(at)?.files[index];
        if (file === undefined || !isSameList(numbersOf(file), numbers)) outdated.push(at);
      }
    }
    return { look: this.id, tasks: [...news.values()], outdated: [...new Set(outdated)] };
  }

  #hasFilesOf({ at, files }: NewTask): boolean {
    const isKnown = (this.tasks[numbersPerTask * at] ?? unknown) >= firstDefinition;
    if (!isKnown || files.length !== this.#endOf(at) - this.#endOf(at - 1)) return false;
    return files.every(({ path }, index) => this.#paths[this.#fileOf(at, index)] === path);
  }

  /** What is told of files of these tasks that is not what the look has of them, by their numbers. */
  #changedBy(tasks: Iterable<NewTask>): Map<number, readonly number[]> {
    const changed = new Map<number, readonly number[]>();
    for (const { at, files } of tasks) {
      for (const [index, file] of files.entries()) {
        const number = this.#fileOf(at, index);
        const numbers = numbersOf(file);
        const before = this.#before.get(number) ?? this.#numbersAt(number);
        if (!isSameList(numbers, before)) changed.set(number, numbers);
      }
    }
    return changed;
  }

  /** The number of a file of a task. */
  #fileOf(at: number, index: number): number {
    return this.#uses[this.#endOf(at - 1) + index] ?? -1;
  }

  /** Whether all files are as they were. */
  areFilesStill(): boolean {
    if (this.hasChange) return false;
    this.#lookUpToChange(this.#seen.length);
    return !this.hasChange;
  }

  /** Whether some file is known not to be as it was. */
  get hasChange(): boolean {
    return this.#changedCount > 0;
  }

  /** Looks at so many more files. @returns Whether there are others. */
  lookOn(fileCount: number): boolean {
    const end = Math.min(this.#next + fileCount, this.#seen.length);
    while (this.#next < end) this.#lookUpToChange(end);
    return this.#next < this.#seen.length;
  }

  /** Looks at further files until one is not as it was. */
  #lookUpToChange(end: number): void {
    const files = this.#files;
    const paths = this.#paths;
    const seen = this.#seen;
    let file = this.#next;
    try {
      // In one piece: V8 would optimize small functions on a second thread, and wait for that at the end.
      for (let first = numbersPerFile * file; file < end; file++, first += numbersPerFile) {
        const now = statSync(paths[file] ?? '', statOptions);
        if (
          now === undefined ||
          now.mtimeMs !== files[first + 2] ||
          now.ctimeMs !== files[first + 3] ||
          now.size !== files[first + 1] ||
          now.ino !== files[first] ||
          (now.mode & S_IFMT) !== S_IFREG
        ) {
          break;
        }
      }
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
    seen.fill(isSame, this.#next, file);
    this.#next = file;
    if (file === end) return;
    seen[file] = isOther;
    this.#next++;
    this.#changedCount++;
  }

  /** Marks those of the tasks whose files are as they were. */
  markStill(found: Uint8Array, isOutdated: Uint8Array): void {
    this.lookOn(this.#seen.length);
    const { tasks } = this;
    const uses = this.#uses;
    const seen = this.#seen;
    for (let at = 0, use = 0; at < found.length; at++) {
      const mark = tasks[numbersPerTask * at] ?? unknown;
      const end = tasks[numbersPerTask * at + 1] ?? 0;
      let isStill = mark !== unknown && isOutdated[at] === 0;
      for (; use < end; use++) if (seen[uses[use] ?? -1] !== isSame) isStill = false;
      if (isStill) found[at] = mark === group ? stillGroup : stillAction;
    }
  }

  outcomeAt(at: number): string {
    return this.#outcomes.toString('latin1', outcomeLength * at, outcomeLength * (at + 1));
  }

  lookedAt(at: number): LookedAt {
    const files: LookedAtFile[] = [];
    for (let use = this.#endOf(at - 1); use < this.#endOf(at); use++) {
      const number = this.#uses[use] ?? -1;
      const first = numbersPerFile * number;
      const [ino = 0, size = 0, mtimeMs = 0, ctimeMs = 0] = this.#files.subarray(first);
      files.push({ path: this.#paths[number] ?? '', ino, size, mtimeMs, ctimeMs });
    }
    const mark = this.tasks[numbersPerTask * at] ?? unknown;
    const definition = mark - firstDefinition;
    return { isGroup: mark === group, definition, outcome: this.outcomeAt(at), files };
  }

  #endOf(at: number): number {
    return this.tasks[numbersPerTask * at + 1] ?? 0;
  }
}

/**
 * What the last look at the tasks of a request has found: that they were up to date, and how their files
 * were. As long as the records are the same, and so are definitions and code, nothing else is left to be
 * looked at.
 */
export class LastLook {
  /** How many of the tasks that it knows do something, and how many only group others. */
  readonly actionCount: number;
  readonly groupCount: number;
  readonly #stored: StoredLook;
  readonly #size: number;
  /** Definitions whose digest is another one. */
  readonly #changed = new Set<number>();
  /** Tasks that have another record now. */
  readonly #outdated = new Set<number>();

  /** What was stored; undefined if it is about something else. */
  static of(stored: StoredLook, terms: LookTerms): LastLook | undefined {
    return isFor(stored.header, terms) ? new LastLook(stored, terms) : undefined;
  }

  private constructor(stored: StoredLook, terms: LookTerms) {
    const { known, groups, codes, beside } = stored.header;
    const { news } = stored;
    const newer = new Map(news?.tasks.map(({ name, record }) => [name, record]));
    this.#stored = stored;
    this.#size = terms.size;
    this.actionCount = known - groups;
    this.groupCount = groups;
    for (const [definition, digest] of Object.entries(codes)) {
      if (terms.codeOf(Number(definition)) !== digest) this.#changed.add(Number(definition));
    }
    for (const at of news?.outdated ?? []) this.#outdated.add(at);
    for (const { at, name, record } of news?.tasks ?? []) {
      if (terms.beside.get(name) !== record) this.#outdated.add(at);
    }
    for (const [name, digest] of terms.beside) {
      if ((newer.get(name) ?? beside[name]) === digest) continue;
      const at = terms.numberOf(name);
      if (at !== undefined) this.#outdated.add(at);
    }
  }

  /** Whether all tasks are as they were. */
  areAllStill(): boolean {
    const { known } = this.#stored.header;
    if (known < this.#size || this.#changed.size + this.#outdated.size > 0) return false;
    return this.#stored.areFilesStill();
  }

  /** Looks at so many more files. @returns Whether there are others. */
  lookOn(fileCount: number): boolean {
    return this.#stored.lookOn(fileCount);
  }

  /** By the number of a task: whether it is as it was if its deps are (`stillAction`, `stillGroup`), or 0. */
  stillTasks(): Uint8Array {
    const isOutdated = new Uint8Array(this.#size);
    for (const at of this.#outdated) isOutdated[at] = 1;
    if (this.#changed.size > 0) {
      for (let at = 0; at < this.#size; at++) {
        const mark = this.#stored.tasks[numbersPerTask * at] ?? unknown;
        if (this.#changed.has(mark - firstDefinition)) isOutdated[at] = 1;
      }
    }
    const found = new Uint8Array(this.#size);
    this.#stored.markStill(found, isOutdated);
    return found;
  }

  /** What its dependants compare of a task that is as it was. */
  outcomeAt(at: number): string {
    return this.#stored.outcomeAt(at);
  }

  /** What was known of a task that is as it was. */
  lookedAt(at: number): LookedAt {
    return this.#stored.lookedAt(at);
  }
}

function isFor(header: Header, terms: LookTerms): boolean {
  const age = terms.now - header.at;
  return (
    header.request === terms.request &&
    header.size === terms.size &&
    // Records say when they were last used; so somebody has to ask for them now and then.
    age >= 0 &&
    age < dayMs
  );
}

function checksum(body: Buffer): string {
  return crc32(body).toString(16).padStart(digits, '0');
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Numbers have to begin where numbers of their size may begin. */
function copyOf({ buffer, byteOffset }: Buffer, start: number, end: number): ArrayBuffer {
  return buffer.slice(byteOffset + start, byteOffset + end) as ArrayBuffer;
}

/** News as they are kept. */
export function encodeNews(news: LookNews): string {
  const text = JSON.stringify(news);
  return checksum(Buffer.from(text)) + text;
}

function decodeNews(stored: Buffer): LookNews | undefined {
  const body = stored.subarray(digits);
  if (stored.toString('latin1', 0, digits) !== checksum(body)) return undefined;
  return JSON.parse(body.toString()) as LookNews;
}

function numbersOf({ ino, size, mtimeMs, ctimeMs }: LookedAtFile): readonly number[] {
  return [ino, size, mtimeMs, ctimeMs];
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
