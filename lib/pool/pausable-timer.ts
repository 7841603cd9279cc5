/** A clock that the caller brings along. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Runs a function after so many milliseconds; what it returns cancels that. */
  after(ms: number, run: () => void): () => void;
}

/** Runs a function once a span of time has passed in which it was not paused. */
export class PausableTimer {
  readonly #clock: Clock;
  readonly #run: () => void;
  #leftMs: number;
  #since = 0;
  #pauses = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ms: number, run: () => void) {
    this.#clock = clock;
    this.#leftMs = ms;
    this.#run = run;
    this.#start();
  }

  /** May be called several times; as many calls of `resume` end it. */
  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1 || this.#cancel === undefined) return;
    this.#cancel();
    this.#leftMs -= this.#clock.now() - this.#since;
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0 && this.#cancel !== undefined) this.#start();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #start(): void {
    this.#since = this.#clock.now();
    this.#cancel = this.#clock.after(Math.max(0, this.#leftMs), () => {
      this.#cancel = undefined;
      this.#run();
    });
  }
}
