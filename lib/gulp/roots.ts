import type { Root } from '../run/request.ts';
import type { Taker } from './gulp-types.ts';

interface TaskEvent {
  readonly uid: unknown;
  readonly name: string;
}

/**
 * Tells apart what hangs together among gulp's tasks. gulp says only that a task started or ended;
 * what happens within one turn of the event loop is one chain of cause and effect, and a start (or
 * a request) in a turn in which nothing else happened begins a new root.
 */
export class Roots {
  readonly #onEnded: (root: Root) => void;
  readonly #byUid = new Map<unknown, GulpRoot>();
  #thisTurn: GulpRoot | undefined;
  #commandLine: Set<string> = new Set();

  /** @param onEnded Called when a root may be over, in the turn after its last event. */
  constructor(onEnded: (root: Root) => void) {
    this.#onEnded = onEnded;
  }

  /** Listens to a gulp instance. */
  follow(taker: Taker): void {
    taker.on('start', ({ uid, name }: TaskEvent) => {
      const root = this.current();
      root.start(uid, name);
      this.#byUid.set(uid, root);
    });
    const end = ({ uid }: TaskEvent): void => {
      const root = this.#byUid.get(uid);
      this.#byUid.delete(uid);
      if (root === undefined) return;
      root.end(uid);
      this.enter(root);
      this.#onEnded(root);
    };
    taker.on('stop', end);
    taker.on('error', end);
  }

  /** Names that gulp-cli will run; the first root is in progress until all of them have started. */
  expect(names: readonly string[]): void {
    this.#commandLine = new Set(names);
  }

  /** The root of what happens now; a new one if nothing has happened in this turn. */
  current(): GulpRoot {
    const root = this.#thisTurn ?? new GulpRoot(this.#commandLine);
    if (this.#thisTurn === undefined) this.#commandLine = new Set();
    this.enter(root);
    return root;
  }

  /** Counts what happens in the rest of this turn to `root`. */
  enter(root: GulpRoot): void {
    this.#thisTurn = root;
    setImmediate(() => {
      if (this.#thisTurn === root) this.#thisTurn = undefined;
    });
  }
}

/** One chain of gulp tasks. */
export class GulpRoot implements Root {
  readonly #active = new Map<unknown, string>();
  readonly #expected: Set<string>;

  constructor(expected: ReadonlySet<string>) {
    this.#expected = new Set(expected);
  }

  isInProgress(): boolean {
    return this.#active.size > 0 || this.#expected.size > 0;
  }

  /** Whether a gulp task other than the one called `name` is in progress. */
  isAround(name: string): boolean {
    const others = [...this.#active.values()];
    const own = others.indexOf(name);
    if (own !== -1) others.splice(own, 1);
    return others.length > 0 || this.#expected.size > 0;
  }

  start(uid: unknown, name: string): void {
    this.#active.set(uid, name);
    this.#expected.delete(name);
  }

  end(uid: unknown): void {
    this.#active.delete(uid);
  }
}
