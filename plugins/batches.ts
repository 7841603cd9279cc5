import type { FunctionRef, Pool } from '../lib/pool/index.ts';
import type { PooledFile } from './pooled-file.ts';
import type { TransformedFiles, TransformRef } from './transform-files.ts';

/** A batch is made to take about so long: sending it costs a fraction of a millisecond. */
const batchMs = 8;
/** Of short files there are enough to go round, and of long ones a batch has one. */
const mostFiles = 16;
/** One that runs, and one that is there when it has ended. */
const batchesPerProcess = 2;

interface Waiting {
  readonly file: PooledFile;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * Transforms files in a pool, several short ones as one job. What fails in company is tried again
 * alone, so that an error, or the end of a process, is the fault of one file.
 */
export class Batches {
  readonly #pool: Pool;
  readonly #ref: TransformRef;
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #msPerFile: number | undefined;

  constructor(pool: Pool, ref: TransformRef, processes: number) {
    this.#pool = pool;
    this.#ref = ref;
    this.#most = batchesPerProcess * processes;
  }

  /** The result of one file. */
  run(file: PooledFile): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ file, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < this.#most && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#runBatch(this.#waiting.splice(0, this.#size()));
    }
  }

  #size(): number {
    if (this.#msPerFile === undefined) return 1;
    const share = Math.ceil(this.#waiting.length / this.#most);
    return Math.max(1, Math.min(mostFiles, share, Math.floor(batchMs / this.#msPerFile)));
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    await this.#settle(batch);
    this.#running -= 1;
    this.#start();
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const { results, ms } = await this.#transform(batch);
      this.#noteCost(ms / batch.length);
      for (const [at, { resolve }] of batch.entries()) resolve(results[at]);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const each of batch) await this.#settle([each]);
    }
  }

  /** The first files take longer, as they load what all of them need. */
  #noteCost(ms: number): void {
    const known = this.#msPerFile ?? ms;
    this.#msPerFile = Math.min(ms, (ms + known) / 2);
  }

  #transform(batch: readonly Waiting[]): Promise<TransformedFiles> {
    return this.#pool.apply(transformFiles, [batch.map(({ file }) => file), this.#ref]);
  }
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** tsc does not rewrite paths in strings: it ends as this file does. */
const transformFiles: FunctionRef<
  [files: readonly PooledFile[], ref: TransformRef],
  Promise<TransformedFiles>
> = Object.freeze({
  module: new URL(`../plugins/transform-files.${extension}`, import.meta.url),
  export: 'transformFiles',
});
