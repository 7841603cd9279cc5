import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Bytes of at least so many go through the shared file, and of at most so many. */
const leastShared = 32 * 1024;
const mostShared = 4 * 1024 * 1024;
const counterLength = 8;
const jobsAt = 4096;
const answersAt = jobsAt + mostShared;
const logAt = answersAt + mostShared;
/** Of memory, as the system gives it. */
const pageLength = 4096;
const memoryFolder = '/dev/shm';
/** What is read from logs, for a moment. */
let scratch = Buffer.alloc(0);

/** Whether so many bytes are worth the shared file. */
export function isShareable(length: number): boolean {
  return length >= leastShared && length <= mostShared;
}

/**
 * A file in memory without a name, which a worker and its parent have open. The worker notes there
 * how many jobs it has got, which wakes nobody and outlives it; and larger values go through it,
 * which takes half the time that a socket takes.
 */
export class SharedPages {
  readonly fd: number;
  #isOpen = true;
  readonly #counter = Buffer.alloc(counterLength);
  /** For what is expected. */
  #room: Buffer | undefined;

  /** @param fd Of the file, in this process. */
  constructor(fd: number) {
    this.fd = fd;
  }

  /** A new one; undefined where there is no file system in memory. */
  static create(): SharedPages | undefined {
    if (process.platform === 'win32') return undefined;
    const path = join(memoryFolder, `parproc-${randomUUID()}`);
    let pages: SharedPages | undefined;
    try {
      pages = new SharedPages(openSync(path, 'wx+', 0o600));
      rmSync(path);
      // The worker must not be the first to find that there is no memory left for its counter.
      pages.receivedCount = 0;
      return pages;
    } catch {
      // Everything works without it as well.
      pages?.close();
      return undefined;
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.fd);
  }

  /** How many jobs the worker has got. */
  get receivedCount(): number {
    if (!this.#isOpen) return 0;
    const length = readSync(this.fd, this.#counter, 0, counterLength, 0);
    return length === counterLength ? this.#counter.readDoubleLE() : 0;
  }

  set receivedCount(count: number) {
    this.#counter.writeDoubleLE(count);
    writeSync(this.fd, this.#counter, 0, counterLength, 0);
  }

  /** Writes `text` into the log at `position`. Returns how many bytes were; 0 if memory is short. */
  writeLog(text: string, position: number): number {
    try {
      return writeSync(this.fd, text, logAt + position);
    } catch {
      return 0;
    }
  }

  /** What stands in the log from `position` on; shorter if nothing was ever written there. */
  readLog(position: number, length: number): string {
    if (!this.#isOpen) return '';
    if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length);
    const count = readSync(this.fd, scratch, 0, length, logAt + position);
    return scratch.toString('utf8', 0, count);
  }

  /** Puts bytes into one of the two places. Returns false if memory is short. */
  put(place: 'jobs' | 'answers', bytes: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    const start = place === 'jobs' ? jobsAt : answersAt;
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.fd, bytes, at, bytes.length - at, start + at);
      }
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Makes room for what is being put there on the other side. The system gives new memory page by
   * page when it is first written to, which for large values takes as long as to copy them.
   */
  expect(length: number): void {
    if (!isShareable(length)) return;
    const room = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; at += pageLength) room[at] = 0;
    this.#room = room;
  }

  /** A copy of what was put there. */
  get(place: 'jobs' | 'answers', length: number): Buffer {
    const start = place === 'jobs' ? jobsAt : answersAt;
    const room = this.#room;
    this.#room = undefined;
    const bytes = room?.length === length ? room : Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; ) {
      const count = readSync(this.fd, bytes, at, length - at, start + at);
      if (count === 0) throw new Error('Internal error: the shared file is shorter than announced');
      at += count;
    }
    return bytes;
  }
}
