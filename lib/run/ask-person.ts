import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { withoutKeys } from './keys.ts';

let last: Promise<unknown> = Promise.resolve();
let reader: LineReader | undefined;

/**
 * Asks for a line on the terminal, one question after the other (parproc: `get_input`). Rejects if
 * standard input has ended.
 *
 * @param isSecret Whether what is typed is not shown.
 */
export function askPerson(message: string, isSecret: boolean): Promise<string> {
  const answer = last.then(() =>
    withoutKeys(async (areKeysTaken) => {
      try {
        return await ask(message, isSecret);
      } finally {
        // Whoever takes keys has the terminal to himself.
        if (areKeysTaken) reader?.close();
        if (areKeysTaken) reader = undefined;
      }
    }),
  );
  last = answer.catch(() => undefined);
  return answer;
}

async function ask(message: string, isSecret: boolean): Promise<string> {
  // After Ctrl-D there is still a person at the terminal, after the end of a pipe nobody.
  if (reader === undefined || (reader.isClosed && !process.stdin.readableEnded)) {
    reader = new LineReader();
  }
  process.stderr.write(message);
  const line = await reader.next(isSecret);
  if (line === undefined) {
    throw new Error(`Nobody answered '${message}': standard input has ended.`);
  }
  return line;
}

/** Reads for all questions: lines of a pipe that come before they are asked for are kept. */
class LineReader {
  readonly #mute = new Mute();
  readonly #ahead: string[] = [];
  #isClosed = false;
  #take: ((line: string | undefined) => void) | undefined;

  readonly #lines: Interface;

  constructor() {
    const { stdin } = process;
    this.#lines = createInterface({ input: stdin, output: this.#mute, terminal: stdin.isTTY })
      .on('line', (line) => {
        if (this.#take === undefined) this.#ahead.push(line);
        else this.#take(line);
      })
      .on('close', () => {
        this.#isClosed = true;
        this.#take?.(undefined);
      });
  }

  /** Whether no line comes any more and none is left. */
  get isClosed(): boolean {
    return this.#isClosed && this.#ahead.length === 0;
  }

  /** Reads nothing any more. */
  close(): void {
    this.#lines.close();
  }

  /** The next line; undefined if there is none. */
  next(isSecret: boolean): Promise<string | undefined> {
    if (this.#ahead.length > 0 || this.#isClosed) return Promise.resolve(this.#ahead.shift());
    const { stdin } = process;
    hold(true);
    this.#mute.isOn = isSecret;
    return new Promise((resolve) => {
      this.#take = (line) => {
        this.#take = undefined;
        if (isSecret && stdin.isTTY) process.stderr.write('\n');
        this.#mute.isOn = false;
        // Nothing keeps the process alive for the sake of a question that nobody asks.
        hold(false);
        resolve(line);
      };
    });
  }
}

/** A file as standard input cannot be held, and need not be. */
function hold(isHeld: boolean): void {
  const { stdin } = process as { stdin: { ref?: () => void; unref?: () => void } };
  if (isHeld) stdin.ref?.();
  else stdin.unref?.();
}

/** Where the terminal's echo goes. */
class Mute extends Writable {
  isOn = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.isOn) process.stderr.write(chunk);
    done();
  }
}
