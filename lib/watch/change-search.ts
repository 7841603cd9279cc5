/** For how long it looks before others have their turn, in milliseconds. */
const sliceMs = 8;

/** Looks at many tasks for changes, a few at a time, so that nothing has to wait for it. */
export class ChangeSearch {
  readonly #hasChanged: (name: string) => boolean;
  #current: object | undefined;

  constructor(hasChanged: (name: string) => boolean) {
    this.#hasChanged = hasChanged;
  }

  get isUnderWay(): boolean {
    return this.#current !== undefined;
  }

  /** Looks at `names`, instead of what it was looking at, and says which of them have changed. */
  start(names: Iterable<string>, onFound: (changed: readonly string[]) => void): void {
    const search = {};
    this.#current = search;
    const left = [...names];
    const changed: string[] = [];
    const step = (): void => {
      if (this.#current !== search) return;
      const until = performance.now() + sliceMs;
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        if (this.#hasChanged(name)) changed.push(name);
        if (performance.now() > until) break;
      }
      if (left.length > 0) {
        setImmediate(step);
        return;
      }
      this.#current = undefined;
      onFound(changed);
    };
    setImmediate(step);
  }

  /** Looks at nothing any more, and says nothing. */
  stop(): void {
    this.#current = undefined;
  }
}
