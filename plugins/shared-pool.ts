import { availableParallelism } from 'node:os';
import process from 'node:process';
import { buildFlags, Pool } from '../lib/pool/index.ts';
import { SpareCores } from './spare-cores.ts';

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
/** How often it is seen whether cores are free; the system counts their time in steps of 10 ms. */
const lookMs = 100;
/** So much of a core has to be free for one more worker: what compiles beside them takes some. */
const enough = 0.4;

class SharedPool {
  readonly pool: Pool;
  readonly #forget: () => void;
  #userCount = 0;
  #closing: NodeJS.Timeout | undefined;
  /** How many more workers there may be. */
  #left: number;
  #looking: NodeJS.Timeout | undefined;

  constructor(processes: number | undefined, forget: () => void) {
    this.pool = new Pool({ processes: processes ?? 1, execArgv: buildFlags() });
    this.#left = processes === undefined ? availableParallelism() - 1 : 0;
    this.#forget = forget;
  }

  lease(): Lease {
    this.#userCount += 1;
    clearTimeout(this.#closing);
    if (this.#left > 0 && this.#looking === undefined) this.#lookForCores();
    return { pool: this.pool, release: (isAbandoned) => this.#release(isAbandoned) };
  }

  #release(isAbandoned: boolean): void {
    this.#userCount -= 1;
    if (this.#userCount > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
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

  /** Adds workers for cores that nobody uses: those of other tasks are not to be slowed down. */
  #lookForCores(): void {
    const cores = new SpareCores();
    this.#looking = setInterval(() => {
      const spare = Math.min(this.#left, Math.floor(cores.sinceLast() + 1 - enough));
      if (spare < 1) return;
      this.pool.grow(spare);
      this.#left -= spare;
      if (this.#left === 0) clearInterval(this.#looking);
    }, lookMs).unref();
  }
}

const pools = new Map<string, SharedPool>();

/**
 * A part in the pool of this process with so many workers, by default one and as many more as there are
 * cores with nothing to do, which starts if there is none. Workers
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
