import { canonicalJson } from '../base/canonical-json.ts';
import { NumberedTexts, TextNumbers } from '../base/numbered-texts.ts';
import { packed, unpacked } from '../base/packed-numbers.ts';
import { sha256 } from '../base/sha256.ts';
import { schema, type TaskRecord } from './record.ts';
import type { FileState } from './verdict.ts';

/** A record of a snapshot, and when a run last had a use for it. */
export interface Kept {
  readonly record: TaskRecord;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** A result of more characters stays in the record of its task. */
const longestValue = 4096;
/**
 * So many words come before the files, deps and arguments of a task: the texts of its name, definition,
 * outcome, other parts and durations, its result, and counts of inputs, outputs, deps and arguments.
 */
export const headWords = 10;
/** So many of `files` belong to each file: ino, size, mtime, ctime. */
export const numbersPerFile = 4;
/** So many of `times` belong to each task: when it was recorded and when it was used. */
export const numbersPerTask = 2;

/** Where the result of a task is, if not in the text of that number less two. */
export const noValue = 0;
const valueElsewhere = 1;

/** The parts of a record that have columns of their own; the others are kept as they are. */
type Columns =
  | 'schema'
  | 'definition'
  | 'inputs'
  | 'deps'
  | 'outputs'
  | 'outcome'
  | 'recordedAt'
  | 'args'
  | 'durations'
  | 'value';
/** What a record has besides its columns. */
export type Others = Omit<TaskRecord, Columns>;

/** What stands before the columns: of which version they are, and how long, in characters. */
interface Header {
  readonly schema: number;
  readonly layout: typeof layoutVersion;
  readonly words: number;
  readonly files: number;
  readonly times: number;
  readonly ends: number;
  /** Whether no text has any other character. */
  readonly isAscii: boolean;
}

/** Grows by one whenever the text of a snapshot gets another form. */
const layoutVersion = 3;
/** So many digits of a checksum stand in front, and a space. */
const digits = 64;
const space = 32;

/**
 * All records as one text with one checksum, so that a run with nothing to do reads nothing else. Each
 * text is kept once and numbered, numbers are packed.
 */
export function encodeSnapshot(all: Iterable<readonly [string, Kept]>): string {
  const texts = new TextNumbers();
  const numberOf = (text: string): number => texts.of(text);
  const words: number[] = [];
  const files: number[] = [];
  const times: number[] = [];
  const addFile = (file: FileState): void => {
    const { path, ino, size, mtimeMs, ctimeMs, sha256: digest, ...unknown } = file;
    // A part without a column would be lost.
    unknown satisfies Record<string, never>;
    words.push(numberOf(path), digest === undefined ? 0 : numberOf(digest) + 1);
    files.push(ino, size, mtimeMs, ctimeMs);
  };
  for (const [name, { record, usedAt }] of all) {
    const { schema: _, definition, inputs, deps, outputs, outcome, recordedAt, ...rest } = record;
    const { args, durations, value, ...others } = rest;
    words.push(numberOf(name), numberOf(definition), numberOf(outcome));
    words.push(numberOf(canonicalJson(others)), numberOf(JSON.stringify(durations)));
    words.push(numberOfValue(value, numberOf));
    const named = Object.entries(args);
    words.push(inputs.length, outputs.length, deps.length, named.length);
    for (const file of inputs) addFile(file);
    for (const file of outputs) addFile(file);
    for (const [dep, digest] of deps) words.push(numberOf(dep), numberOf(digest));
    for (const [argument, text] of named) words.push(numberOf(argument), numberOf(text));
    times.push(recordedAt, usedAt);
  }
  const { text, ends } = texts.joined();
  const columns = {
    words: packed(Uint32Array.from(words)),
    files: packed(Float64Array.from(files)),
    times: packed(Float64Array.from(times)),
    ends: packed(ends),
  };
  const header: Header = {
    schema,
    layout: layoutVersion,
    words: columns.words.length,
    files: columns.files.length,
    times: columns.times.length,
    ends: columns.ends.length,
    isAscii: isAscii(text),
  };
  const body = `${JSON.stringify(header)}\n${Object.values(columns).join('')}${text}`;
  return `${sha256(body)} ${body}`;
}

function numberOfValue(value: unknown, numberOf: (text: string) => number): number {
  if (value === undefined) return noValue;
  return isLong(value) ? valueElsewhere : numberOf(JSON.stringify(value)) + 2;
}

/** Whether a snapshot leaves a result to the record of its task. */
export function isLong(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value).length > longestValue;
}

/** A snapshot that was read; records are made of it one by one, as they are asked for. */
export class Snapshot {
  readonly words: Uint32Array;
  readonly files: Float64Array;
  readonly times: Float64Array;
  /** Two per task, by its number: where it begins in `words` and in `files`. */
  readonly starts: Uint32Array;
  /** The parts without columns, which many tasks have in common. */
  readonly #others = new Map<number, Others>();
  /** Tasks whose result is in their own record only. */
  readonly incomplete: string[] = [];
  readonly #texts: NumberedTexts;
  /** The numbers of tasks by name. */
  #tasks: Map<string, number> | undefined;

  /** The snapshot in `stored`; undefined if it is damaged or of another version. */
  static decode(stored: string | Buffer): Snapshot | undefined {
    const bytes = typeof stored === 'string' ? Buffer.from(stored) : stored;
    const body = bytes.subarray(digits + 1);
    if (bytes[digits] !== space || bytes.toString('latin1', 0, digits) !== sha256(body))
      return undefined;
    try {
      const end = body.indexOf('\n');
      const header = JSON.parse(body.toString('latin1', 0, end)) as Partial<Header>;
      if (header.schema !== schema || header.layout !== layoutVersion) return undefined;
      return new Snapshot(header as Header, body, end + 1);
    } catch {
      return undefined;
    }
  }

  private constructor(header: Header, body: Buffer, start: number) {
    const files = start + header.words;
    const times = files + header.files;
    const ends = times + header.times;
    const texts = ends + header.ends;
    this.words = new Uint32Array(unpacked(body.toString('latin1', start, files)));
    this.files = new Float64Array(unpacked(body.toString('latin1', files, times)));
    this.times = new Float64Array(unpacked(body.toString('latin1', times, ends)));
    // Much quicker than UTF-8, of which it is the same for most.
    const text = header.isAscii ? body.toString('latin1', texts) : body.toString('utf8', texts);
    const endOf = new Uint32Array(unpacked(body.toString('latin1', ends, texts)));
    this.#texts = new NumberedTexts(text, endOf);
    this.starts = new Uint32Array(this.times.length);
    const { words, starts } = this;
    let file = 0;
    for (let task = 0, word = 0; word < words.length; task++) {
      starts[2 * task] = word;
      starts[2 * task + 1] = file;
      if (words[word + 5] === valueElsewhere) this.incomplete.push(this.textAt(words[word]));
      const fileCount = (words[word + 6] ?? 0) + (words[word + 7] ?? 0);
      const pairCount = fileCount + (words[word + 8] ?? 0) + (words[word + 9] ?? 0);
      word += headWords + 2 * pairCount;
      file += fileCount;
    }
  }

  names(): Iterable<string> {
    return this.#numbers().keys();
  }

  get taskCount(): number {
    return this.times.length / numbersPerTask;
  }

  get textCount(): number {
    return this.#texts.count;
  }

  /** The number of a task: where it stands in `times` and `starts`. */
  numberOf(name: string): number | undefined {
    return this.#numbers().get(name);
  }

  #numbers(): Map<string, number> {
    if (this.#tasks !== undefined) return this.#tasks;
    const tasks = new Map<string, number>();
    for (let task = 0; task < this.taskCount; task++) {
      tasks.set(this.textAt(this.words[this.starts[2 * task] ?? 0]), task);
    }
    this.#tasks = tasks;
    return tasks;
  }

  /** The record of a task, made anew by each call. */
  get(name: string): Kept | undefined {
    const task = this.numberOf(name);
    if (task === undefined) return undefined;
    const { words, times } = this;
    const [word = 0, file = 0] = this.starts.subarray(2 * task, 2 * task + 2);
    const [inputCount = 0, outputCount = 0, depCount = 0, argCount = 0] = words.subarray(
      word + 6,
      word + headWords,
    );
    const firstInput = word + headWords;
    const firstOutput = firstInput + 2 * inputCount;
    const firstDep = firstOutput + 2 * outputCount;
    const others = this.othersAt(words[word + 3]);
    const { parts, env, params, finished, discovered, written, left, unsure, ...unknown } = others;
    // A part that is not named here would be lost.
    unknown satisfies Record<string, never>;
    const record: { -readonly [Part in keyof TaskRecord]: TaskRecord[Part] } = {
      schema,
      definition: this.textAt(words[word + 1]),
      parts,
      args: Object.fromEntries(this.#pairsFrom(firstDep + 2 * depCount, argCount)),
      env,
      params,
      inputs: this.#filesFrom(firstInput, file, inputCount),
      deps: this.#pairsFrom(firstDep, depCount),
      outputs: this.#filesFrom(firstOutput, file + inputCount, outputCount),
      outcome: this.textAt(words[word + 2]),
      durations: JSON.parse(this.textAt(words[word + 4])) as number[],
      finished,
      recordedAt: times[numbersPerTask * task] ?? 0,
    };
    if (discovered !== undefined) record.discovered = discovered;
    if (written !== undefined) record.written = written;
    if (left !== undefined) record.left = left;
    if (unsure !== undefined) record.unsure = unsure;
    const value = words[word + 5] ?? noValue;
    if (value > valueElsewhere) record.value = JSON.parse(this.textAt(value - 2)) as unknown;
    return { record, usedAt: times[numbersPerTask * task + 1] ?? 0 };
  }

  /** The parts without columns that the text of this number holds. */
  othersAt(number: number | undefined): Others {
    const known = this.#others.get(number ?? -1);
    if (known !== undefined) return known;
    const others = JSON.parse(this.textAt(number)) as Others;
    this.#others.set(number ?? -1, others);
    return others;
  }

  /** The text of this number. */
  textAt(number: number | undefined): string {
    const text = this.#texts.at(number ?? -1);
    if (text === undefined) throw new Error('Internal error: a snapshot without one of its texts');
    return text;
  }

  #pairsFrom(word: number, count: number): (readonly [string, string])[] {
    const pairs: (readonly [string, string])[] = [];
    for (let at = word; at < word + 2 * count; at += 2) {
      pairs.push([this.textAt(this.words[at]), this.textAt(this.words[at + 1])]);
    }
    return pairs;
  }

  #filesFrom(word: number, file: number, count: number): FileState[] {
    const found: FileState[] = [];
    for (let index = 0; index < count; index++) {
      const at = numbersPerFile * (file + index);
      const digest = this.words[word + 2 * index + 1] ?? 0;
      const path = this.textAt(this.words[word + 2 * index]);
      const ino = this.files[at] ?? 0;
      const size = this.files[at + 1] ?? 0;
      const mtimeMs = this.files[at + 2] ?? 0;
      const ctimeMs = this.files[at + 3] ?? 0;
      if (digest === 0) found.push({ path, ino, size, mtimeMs, ctimeMs });
      else found.push({ path, ino, size, mtimeMs, ctimeMs, sha256: this.textAt(digest - 1) });
    }
    return found;
  }
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
