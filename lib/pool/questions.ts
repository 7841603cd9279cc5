import { type ErrorImage, errorOf } from '../model/error-image.ts';
import type { ActiveJob } from './active-job.ts';
import { type Notice, type Packed, pack, unpack } from './records.ts';

interface Waiting {
  readonly job: ActiveJob;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What the jobs of a worker have asked its parent, until it is answered. */
export class Questions {
  readonly #tell: (notice: Notice) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(tell: (notice: Notice) => void) {
    this.#tell = tell;
  }

  /** Rejects with what the parent's answer is rejected with. */
  async ask(job: ActiveJob, question: unknown): Promise<unknown> {
    const packed = pack(question);
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      job.openQuestions += 1;
      this.#waiting.set(id, { job, resolve, reject });
      this.#tell(['ask', job.id, id, packed]);
    });
  }

  answer(id: number, isOk: boolean, packed: Packed): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.job.openQuestions -= 1;
    const value = unpack(packed);
    if (isOk) waiting.resolve(value);
    else waiting.reject(errorOf(value as ErrorImage));
  }
}
