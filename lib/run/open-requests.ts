/**
 * When a request that has failed settles. `all`: when everything in its run has ended. `named`:
 * when the tasks that it asked for have.
 */
export type Patience = 'all' | 'named';

interface OpenRequest {
  readonly remaining: Set<string>;
  readonly patience: Patience;
  readonly settle: () => void;
  hasFailed: boolean;
}

/** The requests of one run that have not been answered. Each end of a task costs who waits for it. */
export class OpenRequests {
  readonly #open = new Set<OpenRequest>();
  readonly #byName = new Map<string, OpenRequest[]>();

  get size(): number {
    return this.#open.size;
  }

  /**
   * Resolves when the request is to be answered.
   *
   * @param standingOf Whether a task has succeeded; undefined while it has not ended.
   * @param isOver Whether nothing of the run is left.
   */
  open(
    names: readonly string[],
    patience: Patience,
    standingOf: (name: string) => boolean | undefined,
    isOver: boolean,
  ): Promise<void> {
    const standings = names.map((name) => [name, standingOf(name)] as const);
    const remaining = new Set(standings.flatMap(([name, ok]) => (ok === undefined ? [name] : [])));
    const hasFailed = standings.some(([, ok]) => ok === false);
    const isHeld = hasFailed && patience === 'all' && !isOver;
    if (remaining.size === 0 && !isHeld) return Promise.resolve();
    return new Promise((settle) => {
      const request: OpenRequest = { remaining, patience, settle, hasFailed };
      this.#open.add(request);
      for (const name of remaining) {
        const others = this.#byName.get(name);
        if (others === undefined) this.#byName.set(name, [request]);
        else others.push(request);
      }
    });
  }

  /** A task has ended; `isLast`: nothing of the run is left. */
  ended(name: string, isSuccess: boolean, isLast: boolean): void {
    for (const request of this.#byName.get(name) ?? []) {
      request.remaining.delete(name);
      if (!isSuccess) request.hasFailed = true;
      if (request.remaining.size > 0) continue;
      if (!request.hasFailed || request.patience === 'named') this.#settle(request);
    }
    this.#byName.delete(name);
    if (isLast) for (const request of this.#open) this.#settle(request);
  }

  #settle(request: OpenRequest): void {
    this.#open.delete(request);
    request.settle();
  }
}
