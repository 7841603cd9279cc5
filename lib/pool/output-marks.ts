import process from 'node:process';
import { streamMark } from './records.ts';

type Write = (text: string, done: () => void) => unknown;

/** Writes the marks between which the output of a job stands, on both streams of this worker. */
export class OutputMarks {
  readonly #nonce: string;
  readonly #writes: readonly Write[];

  constructor(nonce: string) {
    this.#nonce = nonce;
    const streams = [process.stdout, process.stderr];
    // A job may replace `write` to catch what is printed, and forget to put it back.
    this.#writes = streams.map((stream) => stream.write.bind(stream) as Write);
    // It may close a stream as well. The parent sees that, so nobody misses what is written then.
    for (const stream of streams) {
      stream.on('error', () => undefined);
      // Else what the job prints would be overtaken by its children, and be lost in a crash, as soon
      // as the pipe is full.
      const { _handle: handle } = stream as { _handle?: { setBlocking?: (is: boolean) => void } };
      handle?.setBlocking?.(true);
    }
  }

  /** Resolves when the mark, and all that was written before it, has left this process. */
  async write(id: number, edge: 'begin' | 'end'): Promise<void> {
    const mark = streamMark(this.#nonce, id, edge);
    await Promise.all(
      this.#writes.map((write) => new Promise<void>((resolve) => write(mark, resolve))),
    );
  }
}
