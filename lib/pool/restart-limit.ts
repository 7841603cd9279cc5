/** Decides when workers end too often without having done anything. */
export class RestartLimit {
  readonly #maxStartFailures: number;
  readonly #window: { readonly max: number; readonly windowMs: number } | undefined;
  #startFailures = 0;
  #lostAt: number[] = [];

  /**
   * @param maxStartFailures So many workers in a row may fail to come up.
   * @param window How many that came up may be lost within so much time without taking a job.
   */
  constructor(maxStartFailures: number, window?: { max: number; windowMs: number }) {
    this.#maxStartFailures = maxStartFailures;
    this.#window = window;
  }

  cameUp(): void {
    this.#startFailures = 0;
  }

  /** The pool does something: what was before does not count (billiard: each ACK resets). */
  tookJob(): void {
    if (this.#lostAt.length > 0) this.#lostAt = [];
  }

  /** A worker was lost. Returns how many were, if that is too many. */
  lost(isStartFailure: boolean, hasTakenJobs: boolean): number | undefined {
    if (isStartFailure) {
      this.#startFailures += 1;
      if (this.#startFailures > this.#maxStartFailures) return this.#startFailures;
    }
    if (this.#window === undefined || hasTakenJobs) return undefined;
    const now = performance.now();
    const { max, windowMs } = this.#window;
    this.#lostAt = [...this.#lostAt.filter((at) => now - at < windowMs), now];
    return this.#lostAt.length > max ? this.#lostAt.length : undefined;
  }
}
