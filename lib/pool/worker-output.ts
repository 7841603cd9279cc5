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
    this.#streams?.[name].take(chunk);
  }

  /** Nothing more comes from a stream. */
  finish(name: StreamName): void {
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
