import process from 'node:process';

/** Takes a piece of what is written to a stream; returns whether it has. */
type Take = (piece: string | Uint8Array) => boolean;

/** A stream of this process whose text somebody may take before it is written. */
export class TakenStream {
  readonly #stream: NodeJS.WriteStream;
  /** The first that takes a piece has it. */
  #takers: readonly Take[] = [];
  #uncover: (() => void) | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /**
   * Offers what is written to `take` until what is returned is called.
   *
   * @param isFirst Whether it comes before those that are there.
   */
  offer(take: Take, isFirst: boolean): () => void {
    this.#takers = isFirst ? [take, ...this.#takers] : [...this.#takers, take];
    this.#uncover ??= this.#cover();
    return () => {
      this.#takers = this.#takers.filter((each) => each !== take);
      if (this.#takers.length === 0) this.#uncover?.();
    };
  }

  #cover(): () => void {
    const stream = this.#stream;
    const { write: original } = stream;
    const mine = (piece: string | Uint8Array, ...rest: unknown[]): boolean => {
      if (!this.#takers.some((take) => take(piece))) {
        return Reflect.apply(original, stream, [piece, ...rest]) as boolean;
      }
      const done = rest.find((each) => typeof each === 'function');
      if (done !== undefined) process.nextTick(done);
      return true;
    };
    stream.write = mine;
    return () => {
      // Somebody else may have put something over it since, which still calls it.
      if (stream.write !== mine) return;
      stream.write = original;
      this.#uncover = undefined;
    };
  }
}
