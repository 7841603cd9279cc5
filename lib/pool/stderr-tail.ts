import process from 'node:process';

const tailLength = 8192;

/** The end of what a worker has written to stderr, for errors that tell of its death. */
export class StderrTail {
  #chunks: Buffer[] = [];
  #length = 0;

  /** @param isForwarded Whether it is written to stderr of this process as well. */
  take(chunk: Buffer, isForwarded: boolean): void {
    if (isForwarded) process.stderr.write(chunk);
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length - (this.#chunks[0]?.length ?? 0) >= tailLength) {
      this.#length -= this.#chunks.shift()?.length ?? 0;
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-tailLength).toString('utf8');
  }
}
