import { canonicalJson } from '../base/canonical-json.ts';
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
/** So many words come before the files and deps of a task. */
const headWords = 7;
const numbersPerFile = 4;
const numbersPerTask = 2;

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
type Others = Omit<TaskRecord, Columns>;

type Row = readonly [args: TaskRecord['args'], durations: readonly number[], value?: unknown];

/** What is written: text is kept once and numbered, numbers are packed. */
interface Layout {
  readonly schema: number;
  readonly texts: readonly string[];
  /**
   * Per task: name, definition, outcome, all other parts as JSON, counts of inputs, outputs and
   * deps, then these.
   */
  readonly words: string;
  /** Per file, in the order of `words`: ino, size, mtime, ctime. */
  readonly files: string;
  /** Per task: when it was recorded and when it was used. */
  readonly times: string;
  /** Per task: arguments, durations, and the result if there is one. */
  readonly rows: readonly Row[];
  /** Numbers of the tasks whose result is in their own record only. */
  readonly incomplete: readonly number[];
}

/** All records as one text with one checksum, so that a run with nothing to do reads nothing else. */
export function encodeSnapshot(all: Iterable<readonly [string, Kept]>): string {
  const texts = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const words: number[] = [];
  const files: number[] = [];
  const times: number[] = [];
  const rows: Row[] = [];
  const incomplete: number[] = [];
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
    words.push(numberOf(canonicalJson(others)));
    words.push(inputs.length, outputs.length, deps.length);
    for (const file of inputs) addFile(file);
    for (const file of outputs) addFile(file);
    for (const [dep, digest] of deps) words.push(numberOf(dep), numberOf(digest));
    times.push(recordedAt, usedAt);
    const isLong = value !== undefined && JSON.stringify(value).length > longestValue;
    if (isLong) incomplete.push(rows.length);
    const isHere = value !== undefined && !isLong;
    rows.push(isHere ? [args, durations, value] : [args, durations]);
  }
  const layout = {
    schema,
    texts: [...texts.keys()],
    words: packed(Uint32Array.from(words)),
    files: packed(Float64Array.from(files)),
    times: packed(Float64Array.from(times)),
    rows,
    incomplete,
  };
  const text = JSON.stringify(layout);
  return `${sha256(text)} ${text}`;
}

/** A snapshot that was read; records are made of it one by one, as they are asked for. */
export class Snapshot {
  readonly #layout: Layout;
  readonly #words: Uint32Array;
  readonly #files: Float64Array;
  readonly #times: Float64Array;
  /** Where in `words` and `files` each task begins. */
  readonly #places = new Map<string, { task: number; word: number; file: number }>();
  /** The parts without columns, which many tasks have in common. */
  readonly #others = new Map<number, Others>();
  /** Tasks whose result is in their own record only. */
  readonly incomplete: string[] = [];

  /** The snapshot in `stored`; undefined if it is damaged or of another version. */
  static decode(stored: string): Snapshot | undefined {
    const space = stored.indexOf(' ');
    const text = stored.slice(space + 1);
    if (space === -1 || stored.slice(0, space) !== sha256(text)) return undefined;
    try {
      const layout = JSON.parse(text) as Layout;
      return layout.schema === schema ? new Snapshot(layout) : undefined;
    } catch {
      return undefined;
    }
  }

  private constructor(layout: Layout) {
    this.#layout = layout;
    const words = unpacked(layout.words);
    const files = unpacked(layout.files);
    const times = unpacked(layout.times);
    this.#words = new Uint32Array(words);
    this.#files = new Float64Array(files);
    this.#times = new Float64Array(times);
    let word = 0;
    let file = 0;
    const incomplete = new Set(layout.incomplete);
    for (let task = 0; task < layout.rows.length; task++) {
      const name = this.#text(this.#words[word]);
      this.#places.set(name, { task, word, file });
      if (incomplete.has(task)) this.incomplete.push(name);
      const fileCount = (this.#words[word + 4] ?? 0) + (this.#words[word + 5] ?? 0);
      word += headWords + 2 * fileCount + 2 * (this.#words[word + 6] ?? 0);
      file += fileCount;
    }
  }

  names(): Iterable<string> {
    return this.#places.keys();
  }

  /** The record of a task, made anew by each call. */
  get(name: string): Kept | undefined {
    const place = this.#places.get(name);
    if (place === undefined) return undefined;
    const { task, word } = place;
    const words = this.#words;
    const inputCount = words[word + 4] ?? 0;
    const outputCount = words[word + 5] ?? 0;
    const depCount = words[word + 6] ?? 0;
    const firstInput = word + headWords;
    const firstOutput = firstInput + 2 * inputCount;
    const row = this.#layout.rows[task];
    if (row === undefined) throw new Error(`Internal error: no row of '${name}'`);
    const others = this.#othersAt(words[word + 3] ?? -1);
    const { parts, env, params, finished, discovered, written, unsure, ...unknown } = others;
    // A part that is not named here would be lost.
    unknown satisfies Record<string, never>;
    const record: { -readonly [Part in keyof TaskRecord]: TaskRecord[Part] } = {
      schema,
      definition: this.#text(words[word + 1]),
      parts,
      args: row[0],
      env,
      params,
      inputs: this.#filesFrom(firstInput, place.file, inputCount),
      deps: this.#depsFrom(firstOutput + 2 * outputCount, depCount),
      outputs: this.#filesFrom(firstOutput, place.file + inputCount, outputCount),
      outcome: this.#text(words[word + 2]),
      durations: row[1],
      finished,
      recordedAt: this.#times[numbersPerTask * task] ?? 0,
    };
    if (discovered !== undefined) record.discovered = discovered;
    if (written !== undefined) record.written = written;
    if (unsure !== undefined) record.unsure = unsure;
    if (row.length > 2) record.value = row[2];
    return { record, usedAt: this.#times[numbersPerTask * task + 1] ?? 0 };
  }

  #othersAt(text: number): Others {
    const known = this.#others.get(text);
    if (known !== undefined) return known;
    const others = JSON.parse(this.#text(text)) as Others;
    this.#others.set(text, others);
    return others;
  }

  #depsFrom(word: number, count: number): (readonly [string, string])[] {
    const deps: (readonly [string, string])[] = [];
    for (let at = word; at < word + 2 * count; at += 2) {
      deps.push([this.#text(this.#words[at]), this.#text(this.#words[at + 1])]);
    }
    return deps;
  }

  #filesFrom(word: number, file: number, count: number): FileState[] {
    const found: FileState[] = [];
    for (let index = 0; index < count; index++) {
      const at = numbersPerFile * (file + index);
      const digest = this.#words[word + 2 * index + 1] ?? 0;
      const path = this.#text(this.#words[word + 2 * index]);
      const ino = this.#files[at] ?? 0;
      const size = this.#files[at + 1] ?? 0;
      const mtimeMs = this.#files[at + 2] ?? 0;
      const ctimeMs = this.#files[at + 3] ?? 0;
      if (digest === 0) found.push({ path, ino, size, mtimeMs, ctimeMs });
      else {
        found.push({ path, ino, size, mtimeMs, ctimeMs, sha256: this.#text(digest - 1) });
      }
    }
    return found;
  }

  #text(index: number | undefined): string {
    const text = this.#layout.texts[index ?? -1];
    if (text === undefined) throw new Error('Internal error: a snapshot without one of its texts');
    return text;
  }
}

function packed(numbers: Uint32Array | Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

/** A copy that begins where numbers of any size may begin. */
function unpacked(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  const { buffer } = new Uint8Array(bytes);
  return buffer;
}
