/**
 * When a request that has failed settles. `all`: when everything in its run has ended. `named`:
 * when the tasks that it asked for have.
 */
export type Patience = 'all' | 'named';

interface OpenRequest {
  readonly remaining: Set<string>;
  /** What was started by tasks on its behalf. */
  readonly followed: Set<string>;
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
      const request = { remaining, followed: new Set<string>(), patience, settle, hasFailed };
      this.#open.add(request);
      for (const name of remaining) this.#note(name, request);
    });
  }

  /**
   * Tasks that a running task has started and does not wait for: whoever waits for the run as a
   * whole waits for them too. Whether their failure counts is for the session to say.
   */
  follow(names: readonly string[]): void {
    for (const request of this.#open) {
      if (request.patience === 'named') continue;
      for (const name of names) {
        if (request.remaining.has(name) || request.followed.has(name)) continue;
        request.followed.add(name);
        this.#note(name, request);
      }
    }
  }

  /** A task has ended; `isLast`: nothing of the run is left. */
  ended(name: string, isSuccess: boolean, isLast: boolean): void {
    const waiting = this.#byName.get(name);
    if (waiting === undefined && !isLast) return;
    for (const request of waiting ?? []) {
      request.followed.delete(name);
      if (request.remaining.delete(name) && !isSuccess) request.hasFailed = true;
      if (request.remaining.size + request.followed.size > 0) continue;
      if (!request.hasFailed || request.patience === 'named') this.#settle(request);
    }
    this.#byName.delete(name);
    if (isLast) this.over();
  }

  /** Nothing of the run is left. */
  over(): void {
    for (const request of this.#open) this.#settle(request);
  }

  #note(name: string, request: OpenRequest): void {
    const others = this.#byName.get(name);
    if (others === undefined) this.#byName.set(name, [request]);
    else others.push(request);
  }

  #settle(request: OpenRequest): void {
    this.#open.delete(request);
    request.settle();
  }
}
