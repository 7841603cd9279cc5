import type { Semaphore } from './pool-options.ts';

/** As many slots as there are processes; what waits gets one in turn. Never more than its bound. */
export class Slots implements Semaphore {
  #bound: number;
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(bound: number) {
    this.#bound = bound;
    this.#free = bound;
  }

  acquire(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#admit();
    });
  }

  release(): void {
    this.#free = Math.min(this.#free + 1, this.#bound);
    this.#admit();
  }

  /** Changes the bound by so many. */
  resize(difference: number): void {
    this.#bound += difference;
    this.#free += difference;
    this.#admit();
  }

  #admit(): void {
    while (this.#free > 0) {
      const resolve = this.#waiting.shift();
      if (resolve === undefined) return;
      this.#free -= 1;
      resolve();
    }
  }
}
