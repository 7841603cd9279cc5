import { StringDecoder } from 'node:string_decoder';
import { streamMark } from './records.ts';

/** The job that listens now. Its text begins after its first mark. */
interface Listener {
  readonly marks: readonly [begin: string, end: string];
  readonly onText: (text: string) => void;
  readonly onEnd: () => void;
  hasBegun: boolean;
}

/**
 * One stream of a worker. What stands between the two marks of a job belongs to that job; what comes
 * before and after belongs to nobody.
 */
export class MarkedOutput {
  readonly #nonce: string;
  #decoder = new StringDecoder('utf8');
  #held = '';
  #hasEnded = false;
  #listener: Listener | undefined;

  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  /**
   * Text goes to `onText` from the first mark of job `id` on; `onEnd` is told of the second. A
   * stream that a job has closed counts as marked: nothing will come any more.
   */
  begin(id: number, onText: (text: string) => void, onEnd: () => void): void {
    this.#decoder = new StringDecoder('utf8');
    this.#held = '';
    const marks = [
      streamMark(this.#nonce, id, 'begin'),
      streamMark(this.#nonce, id, 'end'),
    ] as const;
    this.#listener = { marks, onText, onEnd, hasBegun: false };
    if (this.#hasEnded) this.#end(this.#listener);
  }

  /** Whether `bytes` begin the output of a job and hold some of it already. */
  isBeginAndMore(bytes: Buffer): boolean {
    const listener = this.#listener;
    if (listener === undefined || listener.hasBegun) return false;
    return this.#held.length + bytes.length > listener.marks[0].length;
  }

  /** Takes what the stream gave. */
  take(bytes: Buffer): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#held += this.#decoder.write(bytes);
    for (;;) {
      const mark = listener.marks[listener.hasBegun ? 1 : 0];
      const at = this.#held.indexOf(mark);
      this.#give(listener, at === -1 ? markStart(this.#held, mark) : at);
      if (at === -1) return;
      if (listener.hasBegun) {
        this.#end(listener);
        return;
      }
      listener.hasBegun = true;
      this.#held = this.#held.slice(mark.length);
    }
  }

  /** The stream has ended, or is given up: hands out what was held back. */
  finish(): void {
    this.#hasEnded = true;
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#held += this.#decoder.end();
    this.#give(listener, this.#held.length);
    this.#end(listener);
  }

  /** Takes `length` characters from what is held, which are the job's if it has begun. */
  #give({ hasBegun, onText }: Listener, length: number): void {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    if (hasBegun && text !== '') onText(text);
  }

  #end({ onEnd }: Listener): void {
    this.#listener = undefined;
    this.#held = '';
    onEnd();
  }
}

/** Where the beginning of `mark` stands at the end of `text`; the length of `text` if it does not. */
function markStart(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return text.length - length;
  }
  return text.length;
}
