import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

let last: Promise<unknown> = Promise.resolve();
let open: { readonly lines: Interface; readonly mute: Mute } | undefined;

/**
 * Asks for a line on the terminal, one question after the other (parproc: `get_input`). Rejects if
 * standard input has ended.
 *
 * @param isSecret Whether what is typed is not shown.
 */
export function askPerson(message: string, isSecret: boolean): Promise<string> {
  const answer = last.then(() => ask(message, isSecret));
  last = answer.catch(() => undefined);
  return answer;
}

function ask(message: string, isSecret: boolean): Promise<string> {
  open ??= openLines();
  const { lines, mute } = open;
  return new Promise((resolve, reject) => {
    const onClose = (): void => {
      open = undefined;
      reject(new Error(`Nobody answered '${message}': standard input has ended.`));
    };
    lines.once('close', onClose);
    hold(true);
    process.stderr.write(message);
    mute.isOn = isSecret;
    lines.question('', (line) => {
      lines.off('close', onClose);
      if (isSecret && process.stdin.isTTY) process.stderr.write('\n');
      mute.isOn = false;
      // Nothing keeps the process alive for the sake of a question that nobody asks.
      hold(false);
      resolve(line);
    });
  });
}

/** Files as standard input cannot be held, and need not be. */
function hold(isHeld: boolean): void {
  const { stdin } = process as { stdin: { ref?: () => void; unref?: () => void } };
  if (isHeld) stdin.ref?.();
  else stdin.unref?.();
}

/** One reader for all questions: a second one would lose what the first has read ahead. */
function openLines(): { lines: Interface; mute: Mute } {
  const mute = new Mute();
  const { stdin } = process;
  return { lines: createInterface({ input: stdin, output: mute, terminal: stdin.isTTY }), mute };
}

/** Where the terminal's echo goes. */
class Mute extends Writable {
  isOn = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.isOn) process.stderr.write(chunk);
    done();
  }
}
