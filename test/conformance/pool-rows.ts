import { test } from 'node:test';

/** The rows of one list of cases: each is a test, or is said to be none of ours, with the reason. */
export class Rows {
  readonly #name: string;
  readonly #left: Set<string>;
  readonly #tested = new Set<string>();
  readonly #others = new Map<string, string>();

  constructor(name: string, ids: readonly string[]) {
    this.#name = name;
    this.#left = new Set(ids);
  }

  /** A test for one row, or for several that say the same. */
  row(ids: string, title: string, run: () => Promise<void> | void): void {
    for (const id of ids.split(' ')) {
      this.#take(id);
      this.#tested.add(id);
    }
    test(`${ids}: ${title}`, { timeout: 60_000 }, run);
  }

  /** A row about something that does not exist here. */
  notOurs(id: string, reason: string): void {
    this.#take(id);
    this.#others.set(id, reason);
  }

  /** Fails if a row was forgotten; prints how many there are. */
  count(): void {
    test(`every row of ${this.#name} is accounted for`, (t) => {
      if (this.#left.size > 0) throw new Error(`Forgotten: ${[...this.#left].join(' ')}`);
      t.diagnostic(
        `${this.#name}: ${this.#tested.size} rows tested, ${this.#others.size} not ours`,
      );
      for (const [id, reason] of this.#others) t.diagnostic(`${id} not ours: ${reason}`);
    });
  }

  #take(id: string): void {
    if (!this.#left.delete(id) && !this.#tested.has(id)) throw new Error(`No row '${id}' is left.`);
  }
}

/** `P01` to `P37` and the like. */
export function ids(prefix: string, from: number, to: number, digits = 2): string[] {
  return Array.from(
    { length: to - from + 1 },
    (_, at) => prefix + String(from + at).padStart(digits, '0'),
  );
}
