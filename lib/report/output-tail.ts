import { Buffer } from 'node:buffer';

/** The end of what a task wrote. */
export interface OutputTail {
  readonly text: string;
  /** How many bytes (in UTF-8) of the beginning are gone. */
  readonly cutBytes: number;
  readonly stream: Stream;
}

type Stream = 'stdout' | 'stderr';

/** How much is kept, in characters: 256 KiB of plain text. */
const keptLength = 256 * 1024;

/**
 * `tail` with `text` after it. Where the stream changes in the middle of a line, a new line begins.
 * Holds up to twice of what is kept, so that many small texts cost no more than one large one.
 */
export function withOutput(tail: OutputTail | undefined, stream: Stream, text: string): OutputTail {
  const before = tail?.text ?? '';
  const isBroken = tail !== undefined && tail.stream !== stream && !before.endsWith('\n');
  const all = before + (isBroken ? '\n' : '') + text;
  const longer = { text: all, cutBytes: tail?.cutBytes ?? 0, stream };
  return all.length > 2 * keptLength ? shortened(longer) : longer;
}

/** What is shown of a tail: whole lines as far as possible, after a word on how much is missing. */
export function tailText(tail: OutputTail): string {
  const short = shortened(tail);
  if (short.cutBytes === 0) return short.text;
  const end = wholeLines(short);
  return `… ${sizeText(end.cutBytes)} of output before this are left out\n${end.text}`;
}

function shortened(tail: OutputTail): OutputTail {
  return without(tail, Math.max(0, tail.text.length - keptLength));
}

/** Without the rest of a line that begins in the part that is gone, if another line follows. */
function wholeLines(tail: OutputTail): OutputTail {
  const [lineEnd] = /\r\n?|\n/.exec(tail.text) ?? [''];
  const next = lineEnd === '' ? 0 : tail.text.indexOf(lineEnd) + lineEnd.length;
  return tail.text.slice(next).trim() === '' ? tail : without(tail, next);
}

function without(tail: OutputTail, length: number): OutputTail {
  const cutBytes = tail.cutBytes + Buffer.byteLength(tail.text.slice(0, length));
  return { ...tail, text: tail.text.slice(length), cutBytes };
}

function sizeText(bytes: number): string {
  const kib = bytes / 1024;
  if (kib < 1) return `${bytes} bytes`;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}
