import type { OutputChunk } from '../model/run-event.ts';

/** What is kept of a task's output, in characters; of more, the end is. */
const mostCharacters = 1_000_000;

/** What a task writes, to be written again when its outputs are put back. */
export class TaskLog {
  #chunks: OutputChunk[] = [];
  #size = 0;

  add(chunk: OutputChunk): void {
    const last = this.#chunks.at(-1);
    this.#size += chunk.text.length;
    if (last?.stream === chunk.stream && last.text.length < joinedBelow) {
      this.#chunks[this.#chunks.length - 1] = { ...last, text: last.text + chunk.text };
    } else this.#chunks.push(chunk);
    while (this.#size > mostCharacters && this.#chunks.length > 1) {
      this.#size -= this.#chunks.shift()?.text.length ?? 0;
    }
  }

  get chunks(): readonly OutputChunk[] {
    return this.#chunks;
  }
}

/** Many small pieces of one stream are kept as one. */
const joinedBelow = 10_000;
