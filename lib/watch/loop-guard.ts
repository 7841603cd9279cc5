/** So many times tasks may run again at once because something has changed while they ran. */
const free = 5;
const longestDelayMs = 30_000;

/**
 * Tells tasks that change their own inputs each time they run from others. It cannot be sure, since
 * somebody may save while they run: so they run again all the same, but later each time.
 */
export class LoopGuard {
  #last = '';
  #count = 0;

  /** Something has changed while nothing ran: so it was somebody else. */
  reset(): void {
    this.#count = 0;
  }

  /**
   * Tasks are to run again because of what happened while tasks ran.
   *
   * @returns How long that should wait, in milliseconds; `isFirst`: it has not had to before.
   */
  delay(tasks: readonly string[]): { readonly ms: number; readonly isFirst: boolean } {
    const all = tasks.toSorted().join('\n');
    this.#count = all === this.#last ? this.#count + 1 : 1;
    this.#last = all;
    const over = this.#count - free;
    if (over <= 0) return { ms: 0, isFirst: false };
    return { ms: Math.min(longestDelayMs, 500 * 2 ** over), isFirst: over === 1 };
  }
}
