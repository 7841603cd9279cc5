import type { Duration } from '../model/duration.ts';
import { spanOrNone } from './call-options.ts';
import { checkNames } from './option-names.ts';
import { TimeoutError } from './pool-errors.ts';
import { after } from './timer.ts';

/** How long `get`, `wait` and `next` wait. */
export interface WaitOptions {
  /** Milliseconds, or text such as '5s'. Default: for ever. */
  readonly timeout?: Duration | undefined;
}

type State<T> =
  | { readonly kind: 'open' }
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown };

/**
 * A result that will be there. Its promise is made when somebody asks for it: an error that nobody
 * asks for is no unhandled rejection.
 */
export class Deferred<T> {
  #state: State<T> = { kind: 'open' };
  #promise: Promise<T> | undefined;
  #settle: (() => void) | undefined;

  get state(): State<T>['kind'] {
    return this.#state.kind;
  }

  get promise(): Promise<T> {
    this.#promise ??= new Promise((resolve, reject) => {
      this.#settle = () => {
        if (this.#state.kind === 'value') resolve(this.#state.value);
        if (this.#state.kind === 'error') reject(this.#state.error);
      };
      this.#settle();
    });
    return this.#promise;
  }

  resolve(value: T): void {
    this.#state = { kind: 'value', value };
    this.#settle?.();
  }

  reject(error: unknown): void {
    this.#state = { kind: 'error', error };
    this.#settle?.();
  }
}

/** Milliseconds to wait, or undefined for ever. @throws InvalidOption */
export function waitLimit(options: WaitOptions, where: string): number | undefined {
  checkNames(options, ['timeout'], where);
  return options.timeout === undefined ? undefined : (spanOrNone(options.timeout, 'timeout') ?? 0);
}

/** The result of `promise`, or a rejection with TimeoutError after `limitMs`. */
export function withinLimit<T>(promise: Promise<T>, limitMs: number | undefined): Promise<T> {
  if (limitMs === undefined) return promise;
  return new Promise((resolve, reject) => {
    const cancel = after(limitMs, () => reject(new TimeoutError(limitMs)));
    promise.then(resolve, reject).finally(cancel);
  });
}
