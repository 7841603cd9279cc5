import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import process from 'node:process';
import { RecordReader } from './record-reader.ts';

/**
 * The descriptors of a worker besides its standard streams. Sending and receiving are apart: a
 * write to a process that has just died then destroys nothing that it had still sent.
 */
export const descriptors = { jobs: 3, answers: 4, jobBytes: 5, answerBytes: 6, pages: 7 } as const;

const pauseMs = 1;
const pauseCell = new Int32Array(new SharedArrayBuffer(4));

/** The worker's ends of its pipes. Writes are done when they return: nothing is lost in a crash. */
export class WorkerPipes {
  readonly #input: Socket;
  #isOpen = true;

  /**
   * @param onRecords Given all records that have come at once.
   * @param onClosed The parent has closed its end, or is gone.
   */
  constructor(onRecords: (records: unknown[]) => void, onClosed: () => void) {
    const reader = new RecordReader();
    const onread = {
      buffer: Buffer.allocUnsafeSlow(65_536),
      callback: (length: number, { buffer }: Uint8Array): boolean => {
        const records = reader.take(Buffer.from(buffer, 0, length));
        if (records.length > 0) onRecords(records);
        return true;
      },
    };
    const options = { fd: descriptors.jobs, readable: true, writable: false, onread };
    this.#input = new Socket(options);
    const close = (): void => {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      onClosed();
    };
    this.#input.on('end', close).on('error', close).on('close', close);
  }

  /** Whether waiting for more keeps the process going. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#input.ref();
    else this.#input.unref();
  }

  /** What comes or closes from now on is of no interest. */
  close(): void {
    this.#isOpen = false;
    this.#input.unref();
  }

  /** Writes `text` to the answers. */
  write(text: string): void {
    this.#attempt(() => {
      const written = writeSync(descriptors.answers, text);
      if (written !== text.length) this.#writeRest(text, written);
    });
  }

  /** Writes `bytes` that belong to the answer written last. */
  writeBytes(bytes: Uint8Array): void {
    this.#writeFrom(descriptors.answerBytes, bytes, 0);
  }

  /** The next `length` bytes that belong to jobs. Waits for them. */
  readBytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; ) {
      const count = this.#attempt(() =>
        readSync(descriptors.jobBytes, bytes, at, length - at, null),
      );
      if (count === 0) endGroup();
      at += count;
    }
    return bytes;
  }

  /** Characters beyond ASCII make more bytes than the text is long, and a signal may interrupt. */
  #writeRest(text: string, written: number): void {
    const bytes = Buffer.from(text);
    if (written < bytes.length) this.#writeFrom(descriptors.answers, bytes, written);
  }

  #writeFrom(fd: number, bytes: Uint8Array, start: number): void {
    for (let at = start; at < bytes.length; ) {
      at += this.#attempt(() => writeSync(fd, bytes, at));
    }
  }

  /** A pipe that somebody has made non-blocking may be full, or empty, for a moment. */
  #attempt<T>(action: () => T): T {
    for (;;) {
      try {
        return action();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE' || code === 'ECONNRESET') endGroup();
        if (code !== 'EAGAIN') throw error;
        Atomics.wait(pauseCell, 0, 0, pauseMs);
      }
    }
  }
}

/** The parent is gone: nothing of what was started here may outlive it. */
export function endGroup(): never {
  try {
    if (process.platform !== 'win32') process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.exit(1);
  }
}
