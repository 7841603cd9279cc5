import { randomUUID } from 'node:crypto';
import type { Job } from './job.ts';
import { MarkedOutput } from './marked-output.ts';
import { StderrTail } from './stderr-tail.ts';

type StreamName = 'stdout' | 'stderr';
const names = ['stdout', 'stderr'] as const;

/** What a worker writes to its streams: the end of it for errors, and job by job if that is wanted. */
export class WorkerOutput {
  /** What the marks of jobs in the streams are known by; undefined if nobody wants them. */
  readonly nonce: string | undefined;
  readonly #streams: Readonly<Record<StreamName, MarkedOutput>> | undefined;
  readonly #tail = new StderrTail();
  #openCount = 0;
  /** What came on stderr and waits until stdout has been looked at. */
  #later: Buffer[] | undefined;

  /** @param isWanted Whether output is given to the jobs; else it goes where that of this process goes. */
  constructor(isWanted: boolean) {
    if (!isWanted) return;
    this.nonce = randomUUID();
    this.#streams = { stdout: new MarkedOutput(this.nonce), stderr: new MarkedOutput(this.nonce) };
  }

  get isWanted(): boolean {
    return this.#streams !== undefined;
  }

  /** Whether some output of the job that is listened for is still to come. */
  get isDue(): boolean {
    return this.#openCount > 0;
  }

  /** What comes between the marks of a job is its own; `onEnd` is called for each stream. */
  listen(job: Job, onEnd: () => void): void {
    if (this.#streams === undefined) return;
    this.#openCount = names.length;
    for (const name of names) {
      const onText = (text: string): void => job.client.output?.(name, text);
      this.#streams[name].begin(job.id, onText, () => {
        this.#openCount -= 1;
        onEnd();
      });
    }
  }

  take(name: StreamName, chunk: Buffer): void {
    if (name === 'stderr') this.#tail.take(chunk, this.#streams === undefined);
    if (this.#streams === undefined) return;
    if (name === 'stdout') this.#streams.stdout.take(chunk);
    else if (this.#later !== undefined) this.#later.push(chunk);
    else if (this.#streams.stderr.isBeginAndMore(chunk)) this.#takeLater(chunk);
    else this.#streams.stderr.take(chunk);
  }

  /**
   * The first mark of a job has the system say that there is something on stderr, and more may have come
   * before that is read: then what was written to stdout before it has come as well, and is read in
   * the next turn of the loop.
   */
  #takeLater(chunk: Buffer): void {
    this.#later = [chunk];
    setImmediate(() => setImmediate(() => this.#takeHeld()));
  }

  #takeHeld(): void {
    const chunks = this.#later ?? [];
    this.#later = undefined;
    for (const chunk of chunks) this.#streams?.stderr.take(chunk);
  }

  /** Nothing more comes from a stream. */
  finish(name: StreamName): void {
    if (name === 'stderr') this.#takeHeld();
    this.#streams?.[name].finish();
  }

  /** Adds to what errors show, as if it had been written to stderr. */
  note(text: string): void {
    this.#tail.take(Buffer.from(text), false);
  }

  /** Nothing more is to come. */
  giveUp(): void {
    this.#openCount = 0;
  }

  /** The end of what was written to stderr. */
  get tail(): string {
    return this.#tail.text();
  }
}
