import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Writes records to a worker. At once if nothing is waiting and there is room, which takes half the
 * time that a stream takes; the stream has the rest.
 */
export class RecordWriter {
  readonly #socket: Socket | undefined;

  constructor(socket: Socket | undefined) {
    this.#socket = socket;
  }

  write(text: string): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    const fd = descriptorOf(socket);
    if (fd === undefined || socket.writableLength > 0) {
      socket.write(text);
      return;
    }
    const written = writtenTo(fd, text);
    if (written === text.length && Buffer.byteLength(text) === written) return;
    const bytes = Buffer.from(text);
    if (written < bytes.length) socket.write(bytes.subarray(written));
  }
}

/** Node tells the descriptor of a pipe nowhere else. There is none on Windows, or once it is closed. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { _handle?: { readonly fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === 'number' && fd >= 0 && !socket.destroyed ? fd : undefined;
}

/** How many bytes were; none if there is no room now. What else is wrong the stream will find too. */
function writtenTo(fd: number, text: string): number {
  try {
    return writeSync(fd, text);
  } catch {
    return 0;
  }
}
