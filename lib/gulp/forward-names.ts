import type { GulpCallable } from './gulp-types.ts';

/**
 * Names that `gulp.series()` and `gulp.parallel()` were given before anything of that name was
 * defined (gulp: undertaker-forward-reference).
 */
export class ForwardNames {
  readonly #functions = new Map<string, GulpCallable>();
  readonly #find: (name: string) => GulpCallable | undefined;
  readonly #refuse: (name: string) => never;

  /**
   * @param find What runs the task of a name, once it is defined.
   * @param refuse Throws what gulp throws for a name that nothing has.
   */
  constructor(find: (name: string) => GulpCallable | undefined, refuse: (name: string) => never) {
    this.#find = find;
    this.#refuse = refuse;
  }

  /** What stands for a name until it is defined; the same function each time. */
  functionFor(name: string): GulpCallable {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const fn: GulpCallable = (done) => (this.#find(name) ?? this.#refuse(name))(done);
    Object.defineProperty(fn, 'name', { value: name });
    this.#functions.set(name, fn);
    return fn;
  }

  /** @throws Error as gulp does, for a name that is still not defined */
  check(): void {
    for (const name of this.#functions.keys()) {
      if (this.#find(name) === undefined) this.#refuse(name);
    }
  }
}
