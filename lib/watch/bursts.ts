/** Changes that came shortly after one another. */
export interface Burst {
  readonly paths: ReadonlySet<string>;
  readonly owners: ReadonlySet<string>;
}

interface Pending {
  readonly paths: Set<string>;
  readonly owners: Set<string>;
  cancel: () => void;
}

/** Gathers changes until nothing more has come for a while: as long as each owner wants it. */
export class Bursts {
  readonly #after: (ms: number, run: () => void) => () => void;
  readonly #onBurst: (burst: Burst) => void;
  readonly #pending = new Map<number, Pending>();

  constructor(after: (ms: number, run: () => void) => () => void, onBurst: (burst: Burst) => void) {
    this.#after = after;
    this.#onBurst = onBurst;
  }

  /** @param quietMs For how long nothing more may come, in milliseconds. */
  note(path: string, owners: Iterable<string>, quietMs: number): void {
    const pending = this.#pending.get(quietMs) ?? {
      paths: new Set<string>(),
      owners: new Set<string>(),
      cancel: () => undefined,
    };
    this.#pending.set(quietMs, pending);
    pending.paths.add(path);
    for (const owner of owners) pending.owners.add(owner);
    pending.cancel();
    pending.cancel = this.#after(quietMs, () => this.#fire(pending, quietMs));
  }

  /** If the process was busy for so long, what has happened meanwhile is about to be heard of. */
  #fire(pending: Pending, quietMs: number): void {
    const soon = setImmediate(() => {
      this.#pending.delete(quietMs);
      this.#onBurst(pending);
    });
    pending.cancel = () => clearImmediate(soon);
  }

  /** Whether changes are being gathered that wait for no longer than so. */
  isPending(longestMs: number): boolean {
    for (const quietMs of this.#pending.keys()) if (quietMs <= longestMs) return true;
    return false;
  }

  /** Whether changes are being gathered for somebody. */
  isPendingFor(owner: string): boolean {
    for (const { owners } of this.#pending.values()) if (owners.has(owner)) return true;
    return false;
  }

  /** Forgets what has been gathered. */
  close(): void {
    for (const { cancel } of this.#pending.values()) cancel();
    this.#pending.clear();
  }
}
