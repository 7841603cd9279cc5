interface Wanted {
  readonly estimateMs: number | undefined;
  /** Keys of deps. */
  readonly deps: readonly string[];
  /** How long it takes from its start to the end of all that needs it; 0 until it is worked out. */
  tailMs: number;
}

/** Of more tasks than this the longest chain is not looked for. */
const mostTasks = 20_000;

/** How long the rest should take, by how long tasks took before. */
export class Outlook {
  /** Those that have not ended, in the order in which they were wanted. */
  readonly #wanted = new Map<string, Wanted>();
  #known = 0;
  #knownMs = 0;
  #areTailsDue = false;

  /** Whether a task is wanted that has not ended. */
  has(key: string): boolean {
    return this.#wanted.has(key);
  }

  /** A task is wanted; `deps` are of the same run. One that is wanted already takes the place of itself. */
  want(
    key: string,
    task: {
      readonly run: number;
      readonly deps: readonly string[];
      readonly estimateMs?: number;
    },
  ): void {
    const { estimateMs } = task;
    this.end(key);
    const deps = task.deps.map((dep) => `${task.run} ${dep}`);
    this.#wanted.set(key, { estimateMs, deps, tailMs: 0 });
    this.#count(estimateMs, 1);
    this.#areTailsDue = true;
  }

  /** A task has ended, whether it has run or not. */
  end(key: string): void {
    const wanted = this.#wanted.get(key);
    if (wanted === undefined) return;
    this.#wanted.delete(key);
    this.#count(wanted.estimateMs, -1);
  }

  /** How long a task should take that has not ended. */
  estimateOf(key: string): number | undefined {
    return this.#wanted.get(key)?.estimateMs;
  }

  clear(): void {
    this.#wanted.clear();
    this.#known = 0;
    this.#knownMs = 0;
  }

  /**
   * What is left of the work shared by the slots, or of the longest chain if that takes longer;
   * undefined unless most of what is left has run before.
   */
  leftMs(
    running: ReadonlyMap<string, { readonly since: number }>,
    now: number,
    slotCount: number,
  ): number | undefined {
    const count = this.#wanted.size;
    if (count === 0 || this.#known < 0.8 * count) return undefined;
    const meanMs = this.#knownMs / this.#known;
    if (this.#areTailsDue) this.#workOutTails(meanMs);
    let workMs = this.#knownMs + (count - this.#known) * meanMs;
    let chainMs = 0;
    for (const [key, { since }] of running) {
      const wanted = this.#wanted.get(key);
      if (wanted === undefined) continue;
      const estimateMs = wanted.estimateMs ?? meanMs;
      const spentMs = Math.min(now - since, estimateMs);
      workMs -= spentMs;
      chainMs = Math.max(chainMs, wanted.tailMs - spentMs);
    }
    // What takes longer than ever before tells nothing of what is left.
    const leftMs = Math.max(workMs / slotCount, chainMs);
    return leftMs >= 1 ? leftMs : undefined;
  }

  /** From what nothing needs to what needs nothing: deps were wanted before or with their dependants. */
  #workOutTails(meanMs: number): void {
    this.#areTailsDue = false;
    if (this.#wanted.size > mostTasks) return;
    for (const key of this.#dependantsFirst()) {
      const wanted = this.#wanted.get(key);
      if (wanted === undefined) continue;
      wanted.tailMs += wanted.estimateMs ?? meanMs;
      for (const dep of wanted.deps) {
        const before = this.#wanted.get(dep);
        if (before !== undefined) before.tailMs = Math.max(before.tailMs, wanted.tailMs);
      }
    }
  }

  #dependantsFirst(): string[] {
    const dependants = new Map<string, number>();
    for (const wanted of this.#wanted.values()) {
      wanted.tailMs = 0;
      for (const dep of wanted.deps) dependants.set(dep, (dependants.get(dep) ?? 0) + 1);
    }
    const order = [...this.#wanted.keys()].filter((key) => !dependants.has(key));
    for (let at = 0; at < order.length; at++) {
      for (const dep of this.#wanted.get(order[at] ?? '')?.deps ?? []) {
        const left = (dependants.get(dep) ?? 0) - 1;
        dependants.set(dep, left);
        if (left === 0) order.push(dep);
      }
    }
    return order;
  }

  #count(estimateMs: number | undefined, sign: 1 | -1): void {
    if (estimateMs === undefined) return;
    this.#known += sign;
    this.#knownMs += sign * estimateMs;
  }
}
