import type { Job } from './job.ts';
import type { PoolProcess } from './pool-process.ts';
import { flags, type Order, recordText } from './records.ts';
import { isShareable } from './shared-pages.ts';

/** How many characters are gathered for one write, about. */
const maxPending = 1 << 20;

/** Writes to one worker: what is given in one turn goes out as one text. */
export class JobSender {
  readonly #process: PoolProcess;
  /** Functions that the worker has been told of. */
  readonly #known = new Set<number>();
  #pending = '';
  /** The job whose arguments are in the shared file. */
  #sharedJob: Job | undefined;

  constructor(process: PoolProcess) {
    this.#process = process;
  }

  /**
   * Writes a job down; it is sent with the next `flush`.
   *
   * @param isAwaited Whether the worker has nothing else to do.
   */
  add(job: Job, isAwaited: boolean): void {
    const { fn } = job;
    if (!this.#known.has(fn.id)) {
      this.#known.add(fn.id);
      this.#pending += recordText(['define', fn.id, fn.definition]);
    }
    this.#pending += this.#recordOf(job, isAwaited);
    // Texts have a greatest length, and many large ones together exceed it.
    if (this.#pending.length > maxPending) this.flush();
  }

  /** Writes an order down that nobody waits for. */
  addOrder(order: Order): void {
    this.#pending += recordText(order);
  }

  /** Sends what was written down: one write for all. */
  flush(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#process.write(text);
  }

  /** Sends an order now, after what was written down before. */
  order(order: Order): void {
    this.flush();
    this.#process.write(recordText(order));
  }

  /** The worker needs the arguments of the job no more. */
  release(job: Job): void {
    if (this.#sharedJob === job) this.#sharedJob = undefined;
  }

  #recordOf(job: Job, isAwaited: boolean): string {
    const { id, fn, mode, args, traits } = job;
    let flag: number = traits.isExclusive ? flags.tellsStart : 0;
    if (typeof args === 'string') {
      const { attempt = 1 } = traits;
      const rest = flag === 0 && attempt === 1 ? '' : `,0,${attempt},${flag}`;
      return `[${id},${fn.id},${mode},${args}${rest}],\n`;
    }
    if (this.#share(job, args, isAwaited)) flag |= flags.isShared;
    else this.#process.writeBytes(args);
    return `[${id},${fn.id},${mode},null,${args.length},${traits.attempt ?? 1},${flag}],\n`;
  }

  /** One job at a time may have its arguments in the shared file, until it is answered. */
  #share(job: Job, bytes: Buffer, isAwaited: boolean): boolean {
    if (this.#sharedJob !== undefined || !isShareable(bytes.length)) return false;
    if (isAwaited) this.order(['coming', bytes.length]);
    if (this.#process.pages?.put('jobs', bytes) !== true) return false;
    this.#sharedJob = job;
    return true;
  }
}
