import process from 'node:process';
import { Pool } from '../lib/pool/index.ts';

/** A part in a pool that others may use as well. */
export interface Lease {
  readonly pool: Pool;
  /**
   * @param isAbandoned Whether jobs are left whose results nobody wants any more: if nobody else
   *   uses the pool, its workers are ended at once.
   */
  release(isAbandoned: boolean): void;
}

/** How long workers stay warm for the next stream. They do not keep the program alive meanwhile. */
const idleMs = 30_000;

class SharedPool {
  readonly pool: Pool;
  readonly #forget: () => void;
  #userCount = 0;
  #closing: NodeJS.Timeout | undefined;

  constructor(processes: number | undefined, forget: () => void) {
    this.pool = new Pool({ processes });
    this.#forget = forget;
  }

  lease(): Lease {
    this.#userCount += 1;
    clearTimeout(this.#closing);
    return { pool: this.pool, release: (isAbandoned) => this.#release(isAbandoned) };
  }

  #release(isAbandoned: boolean): void {
    this.#userCount -= 1;
    if (this.#userCount > 0) return;
    if (isAbandoned) {
      this.#forget();
      void this.pool.terminate();
      return;
    }
    this.#closing = setTimeout(() => {
      this.#forget();
      this.pool.close();
    }, idleMs);
    this.#closing.unref();
  }
}

const pools = new Map<string, SharedPool>();

/**
 * A part in the pool of this process with so many workers, which starts if there is none. Workers
 * keep the directory and the environment they were started with, so others make another pool:
 * gulpfiles set NODE_ENV.
 *
 * @throws InvalidOption
 */
export function leasePool(processes: number | undefined): Lease {
  const key = JSON.stringify([processes, process.cwd(), Object.entries(process.env).sort()]);
  let shared = pools.get(key);
  if (shared === undefined) {
    shared = new SharedPool(processes, () => pools.delete(key));
    pools.set(key, shared);
  }
  return shared.lease();
}
