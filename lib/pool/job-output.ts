import { StringDecoder } from 'node:string_decoder';

/**
 * One stream of a worker. What comes while a job runs belongs to that job, up to its end mark;
 * what comes between jobs belongs to nobody.
 */
export class JobOutput {
  #decoder = new StringDecoder('utf8');
  #mark = '';
  #held = '';
  #hasEnded = false;
  #onText: ((text: string) => void) | undefined;
  #onMark: (() => void) | undefined;

  /**
   * From now on text goes to `onText`, until `mark` has come, which `onMark` is told. A stream that
   * a task has closed counts as marked: nothing will come any more.
   */
  begin(mark: string, onText: (text: string) => void, onMark: () => void): void {
    this.#decoder = new StringDecoder('utf8');
    this.#mark = mark;
    this.#held = '';
    this.#onText = onText;
    this.#onMark = onMark;
    if (this.#hasEnded) this.#end('');
  }

  /** Takes what the stream gave. */
  take(bytes: Buffer): void {
    if (this.#onText === undefined) return;
    const text = this.#held + this.#decoder.write(bytes);
    const at = text.indexOf(this.#mark);
    if (at >= 0) {
      this.#end(text.slice(0, at));
      return;
    }
    const kept = markStart(text, this.#mark);
    this.#held = text.slice(kept);
    this.#give(text.slice(0, kept));
  }

  /** The stream has ended, or is given up: hands out what was held back. */
  finish(): void {
    this.#hasEnded = true;
    if (this.#onText !== undefined) this.#end(this.#held + this.#decoder.end());
  }

  #end(rest: string): void {
    this.#give(rest);
    const onMark = this.#onMark;
    this.#onText = undefined;
    this.#onMark = undefined;
    this.#held = '';
    onMark?.();
  }

  #give(text: string): void {
    if (text !== '') this.#onText?.(text);
  }
}

/** Where the beginning of `mark` stands at the end of `text`; the length of `text` if it does not. */
function markStart(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return text.length - length;
  }
  return text.length;
}
