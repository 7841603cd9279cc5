import { errorOf } from '../model/error-image.ts';
import type { NestedCall } from '../model/nested-call.ts';
import { SoftTimeLimitExceeded } from '../model/task-ending.ts';
import type { Answer, FromWorker } from '../pool/protocol.ts';
import type { TaskLink } from '../pool/task-context.ts';

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How one job in this worker reaches the build in the parent. */
export class ParentLink implements TaskLink {
  readonly signal: AbortSignal;
  readonly #nonce: string;
  readonly #send: (message: FromWorker) => void;
  readonly #late = new AbortController();
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  constructor(nonce: string, send: (message: FromWorker) => void) {
    this.#nonce = nonce;
    this.#send = send;
    this.signal = this.#late.signal;
  }

  call(call: NestedCall): Promise<unknown> {
    const id = ++this.#lastId;
    // An answer will come, so this process has something to wait for.
    process.channel?.ref();
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#send({ kind: 'call', nonce: this.#nonce, id, call });
    });
  }

  /** Takes the answer to a call. */
  take(id: number, answer: Answer): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (this.#asked.size === 0) process.channel?.unref();
    if (answer.kind === 'value') asked?.resolve(answer.value);
    else asked?.reject(errorOf(answer.error));
  }

  /** The soft time limit has passed. */
  beLate(limitMs: number): void {
    this.#late.abort(new SoftTimeLimitExceeded(limitMs));
  }
}
