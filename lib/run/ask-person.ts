import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { withoutKeys } from './keys.ts';
import { openTerminalGuard } from './terminal-guard.ts';

let last: Promise<unknown> = Promise.resolve();
let reader: PipeReader | undefined;
/** Lines that were typed before they were asked for. */
const typedAhead: string[] = [];

/**
 * Asks for a line on the terminal, one question after the other (parproc: `get_input`). Rejects if
 * standard input has ended, or the process was told to end.
 *
 * @param isSecret Whether what is typed is not shown.
 */
export function askPerson(message: string, isSecret: boolean): Promise<string> {
  const answer = last.then(() => withoutKeys(() => ask(message, isSecret)));
  last = answer.catch(() => undefined);
  return answer;
}

async function ask(message: string, isSecret: boolean): Promise<string> {
  const line = process.stdin.isTTY
    ? await lineOfTerminal(message, isSecret)
    : await lineOfPipe(message);
  if (line === undefined) {
    throw new Error(`Nobody answered '${message}': standard input has ended.`);
  }
  return line;
}

/** The terminal is left to others between questions, so that Ctrl-C is what it is elsewhere. */
async function lineOfTerminal(message: string, isSecret: boolean): Promise<string | undefined> {
  const promptAt = message.lastIndexOf('\n') + 1;
  const prompt = message.slice(promptAt);
  process.stderr.write(message.slice(0, promptAt));
  const early = typedAhead.shift();
  if (early !== undefined) {
    process.stderr.write(`${prompt}${isSecret ? '' : early}\n`);
    return early;
  }
  const guard = await openTerminalGuard();
  const echo = new Echo();
  const lines = createInterface({ input: process.stdin, output: echo, terminal: true });
  guard.raw();
  lines.setPrompt(prompt);
  lines.prompt();
  echo.isMute = isSecret;
  try {
    const line = await nextLine(lines);
    if (isSecret || line === undefined) process.stderr.write('\n');
    return line;
  } catch (error) {
    process.stderr.write('\n');
    throw error;
  } finally {
    lines.close();
    process.stdin.unref();
    guard.end();
  }
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with undefined if nothing comes any more, and rejects if the process is told to end. */
function nextLine(lines: Interface): Promise<string | undefined> {
  let settle = (): void => undefined;
  const line = new Promise<string | undefined>((resolve, reject) => {
    const interrupted = (): void => reject(new Error('The question was interrupted.'));
    // Whoever ends the build has heard of it before.
    for (const signal of endingSignals) process.on(signal, interrupted);
    settle = () => {
      for (const signal of endingSignals) process.off(signal, interrupted);
    };
    let isFirst = true;
    lines
      .on('line', (text) => {
        if (isFirst) resolve(text);
        else typedAhead.push(text);
        isFirst = false;
      })
      .on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      .on('close', () => resolve(undefined));
  });
  return line.finally(settle);
}

/** Where the terminal's echo goes. */
class Echo extends Writable {
  isMute = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.isMute) process.stderr.write(chunk);
    done();
  }
}

function lineOfPipe(message: string): Promise<string | undefined> {
  reader ??= new PipeReader();
  process.stderr.write(message);
  return reader.next();
}

/** Reads for all questions: lines of a pipe that come before they are asked for are kept. */
class PipeReader {
  readonly #ahead: string[] = [];
  #isClosed = false;
  #take: ((line: string | undefined) => void) | undefined;

  constructor() {
    createInterface({ input: process.stdin, terminal: false })
      .on('line', (line) => {
        if (this.#take === undefined) this.#ahead.push(line);
        else this.#take(line);
      })
      .on('close', () => {
        this.#isClosed = true;
        this.#take?.(undefined);
      });
  }

  /** The next line; undefined if there is none. */
  next(): Promise<string | undefined> {
    if (this.#ahead.length > 0 || this.#isClosed) return Promise.resolve(this.#ahead.shift());
    hold(true);
    return new Promise((resolve) => {
      this.#take = (line) => {
        this.#take = undefined;
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
