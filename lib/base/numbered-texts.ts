/** Texts by number, each once, while they are being collected. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();

  /** The number of a text, counted from 0 in the order in which they first come. */
  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** All of them in one, and where each of them ends in it. */
  joined(): { readonly text: string; readonly ends: Uint32Array } {
    const texts = [...this.#numbers.keys()];
    let end = 0;
    return { text: texts.join(''), ends: Uint32Array.from(texts, (text) => (end += text.length)) };
  }
}

/** The same after they were written and read: each is taken out as it is asked for, for most never are. */
export class NumberedTexts {
  readonly #text: string;
  readonly #ends: Uint32Array;

  constructor(text: string, ends: Uint32Array) {
    this.#text = text;
    this.#ends = ends;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Undefined if there is none of that number. */
  at(number: number): string | undefined {
    const end = this.#ends[number];
    return end === undefined ? undefined : this.#text.slice(this.#ends[number - 1] ?? 0, end);
  }
}
