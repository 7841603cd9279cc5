import { type ErrorImage, imageOf } from '../model/error-image.ts';
import type { JobOutcome } from './job.ts';
import { answers, type Notice } from './records.ts';
import { decodeBytes } from './value-codec.ts';

/** An answer stands as four values among the records: id, kind, content, id. */
const answerWidth = 4;

/** Bytes of an answer that are coming in. */
interface Incoming {
  readonly id: number;
  readonly kind: number;
  readonly bytes: Buffer;
  length: number;
}

/** Who is told what a worker has sent. */
export interface IntakeListener {
  answer(id: number, outcome: JobOutcome): void;
  notice(notice: Exclude<Notice, readonly ['log', ...unknown[]]>): void;
  /** The answers in the log up to `end`. */
  logged(end: number): readonly unknown[];
  /** The bytes of an answer that stand in the shared file. */
  shared(length: number): Buffer;
}

/** Puts together what comes from a worker on its two sockets, in the order in which it was sent. */
export class AnswerIntake {
  readonly #listener: IntakeListener;
  #heldRecords: unknown[] = [];
  #incoming: Incoming | undefined;
  /** Bytes that came before the record they belong to was read. */
  #earlyBytes: Buffer[] = [];

  constructor(listener: IntakeListener) {
    this.#listener = listener;
  }

  take(records: readonly unknown[]): void {
    if (this.#incoming !== undefined) {
      this.#heldRecords.push(...records);
      return;
    }
    for (let at = 0; at < records.length; at++) {
      const record = records[at];
      if (typeof record !== 'number') this.#takeNotice(record as Notice);
      else {
        this.#takeAnswer(record, records[at + 1] as number, records[at + 2]);
        at += answerWidth - 1;
      }
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

  #takeNotice(notice: Notice): void {
    if (notice[0] === 'log') this.take(this.#listener.logged(notice[1]));
    else this.#listener.notice(notice);
  }

  #takeAnswer(id: number, kind: number, content: unknown): void {
    if (kind !== answers.bytes && kind !== answers.threwBytes && kind !== answers.buffer) {
      this.#listener.answer(id, outcomeOf(kind, content));
      return;
    }
    const [length, isShared] = content as [number, boolean];
    if (isShared) {
      this.#listener.answer(id, outcomeOfBytes(kind, this.#listener.shared(length)));
      return;
    }
    this.#incoming = { id, kind, bytes: Buffer.allocUnsafeSlow(length), length: 0 };
    const early = this.#earlyBytes;
    this.#earlyBytes = [];
    for (const chunk of early) this.takeBytes(chunk);
  }

  #finish({ id, kind, bytes }: Incoming): void {
    this.#incoming = undefined;
    this.#listener.answer(id, outcomeOfBytes(kind, bytes));
    const records = this.#heldRecords;
    this.#heldRecords = [];
    this.take(records);
  }
}

function outcomeOf(kind: number, content: unknown): JobOutcome {
  switch (kind) {
    case answers.json:
      return { kind: 'returned', value: content };
    case answers.nothing:
      return { kind: 'returned', value: undefined };
    case answers.threw: {
      const [error, done = []] = content as [ErrorImage, unknown[]?];
      return { kind: 'threw', error, done };
    }
    case answers.unsendable: {
      const [path, message] = content as [string, string];
      return { kind: 'unsendable', path: String(path), message: String(message) };
    }
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
