import { type ErrorImage, imageOf } from '../model/error-image.ts';
import type { JobOutcome } from './job.ts';
import { answers, type Notice } from './records.ts';
import { decodeBytes } from './value-codec.ts';

type AnswerRecord = readonly [id: number, kind: number, ...rest: unknown[]];
type AnyRecord = AnswerRecord | Notice;

/** Bytes of an answer that are coming in. */
interface Incoming {
  readonly bytes: Buffer;
  readonly record: AnswerRecord;
  length: number;
}

/** Who is told what a worker has sent. */
export interface IntakeListener {
  answer(id: number, outcome: JobOutcome): void;
  notice(notice: Notice): void;
  /** The bytes of an answer that stand in the shared file. */
  shared(length: number): Buffer;
}

/** Puts together what comes from a worker on its two sockets, in the order in which it was sent. */
export class AnswerIntake {
  readonly #listener: IntakeListener;
  #heldRecords: AnyRecord[] = [];
  #incoming: Incoming | undefined;
  /** Bytes that came before the record they belong to was read. */
  #earlyBytes: Buffer[] = [];

  constructor(listener: IntakeListener) {
    this.#listener = listener;
  }

  take(given: readonly unknown[]): void {
    const records = given as readonly AnyRecord[];
    if (this.#incoming !== undefined) {
      this.#heldRecords.push(...records);
      return;
    }
    for (let at = 0; at < records.length; at++) {
      const record = records[at] as AnyRecord;
      if (typeof record[0] === 'number') this.#takeAnswer(record as AnswerRecord);
      else this.#listener.notice(record as Notice);
      // What comes after an answer waits for the bytes of that.
      if (this.#isWaiting()) {
        this.#heldRecords.push(...records.slice(at + 1));
        return;
      }
    }
  }

  /** Returns whether an answer is complete now. */
  takeBytes(chunk: Buffer): boolean {
    let hasAnswered = false;
    let rest = chunk;
    while (rest.length > 0) {
      const incoming = this.#incoming;
      if (incoming === undefined) {
        this.#earlyBytes.push(rest);
        return hasAnswered;
      }
      const copied = rest.copy(incoming.bytes, incoming.length);
      incoming.length += copied;
      rest = rest.subarray(copied);
      if (incoming.length === incoming.bytes.length) {
        hasAnswered = true;
        this.#finish(incoming);
      }
    }
    return hasAnswered;
  }

  #isWaiting(): boolean {
    return this.#incoming !== undefined;
  }

  #takeAnswer(record: AnswerRecord): void {
    const [id, kind, length, isShared] = record;
    if (kind !== answers.bytes && kind !== answers.threwBytes && kind !== answers.buffer) {
      this.#listener.answer(id, outcomeOf(record));
      return;
    }
    if (isShared === 1) {
      const bytes = this.#listener.shared(Number(length));
      this.#listener.answer(id, outcomeOfBytes(kind, bytes));
      return;
    }
    this.#incoming = { record, bytes: Buffer.allocUnsafeSlow(Number(length)), length: 0 };
    const early = this.#earlyBytes;
    this.#earlyBytes = [];
    for (const chunk of early) this.takeBytes(chunk);
  }

  #finish({ record, bytes }: Incoming): void {
    this.#incoming = undefined;
    this.#listener.answer(record[0], outcomeOfBytes(record[1], bytes));
    const records = this.#heldRecords;
    this.#heldRecords = [];
    this.take(records);
  }
}

function outcomeOf([, kind, first, second]: AnswerRecord): JobOutcome {
  switch (kind) {
    case answers.json:
      return { kind: 'returned', value: first };
    case answers.threw:
      return { kind: 'threw', error: first as ErrorImage, done: (second ?? []) as unknown[] };
    case answers.unsendable:
      return { kind: 'unsendable', path: String(first), message: String(second) };
    default:
      return { kind: 'never-completed' };
  }
}

function outcomeOfBytes(kind: number, bytes: Buffer): JobOutcome {
  if (kind === answers.buffer) return { kind: 'returned', value: bytes };
  try {
    const value = decodeBytes(bytes);
    if (kind === answers.bytes) return { kind: 'returned', value };
    const [error, done = []] = value as [ErrorImage, unknown[]?];
    return { kind: 'threw', error, done };
  } catch (error) {
    return { kind: 'unsendable', path: 'result', message: imageOf(error).message };
  }
}
