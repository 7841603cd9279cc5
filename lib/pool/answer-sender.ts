import process from 'node:process';
import type { Answer } from './answer.ts';
import { AnswerLogWriter } from './answer-log.ts';
import { answerText, type Notice, recordText, type WorkerRules } from './records.ts';
import { isShareable, type SharedPages } from './shared-pages.ts';
import type { WorkerPipes } from './worker-pipes.ts';

/** A worker's way to its parent. What was written down before comes before what is sent. */
export class AnswerSender {
  readonly #pipes: WorkerPipes;
  #pages: SharedPages | undefined;
  #log: AnswerLogWriter | undefined;
  #tellsMemory = false;
  /** Whether the parent has read the last answer in the shared file. */
  #isPageFree = true;

  constructor(pipes: WorkerPipes) {
    this.#pipes = pipes;
  }

  /** Learns what the parent expects. */
  setUp({ hasLog, tellsMemory }: WorkerRules, pages: SharedPages | undefined): void {
    this.#pages = pages;
    this.#tellsMemory = tellsMemory;
    if (hasLog && pages !== undefined) this.#log = new AnswerLogWriter(pages);
  }

  /** Jobs have come in, whose answers are waited for from now on. */
  begin(): void {
    this.#log?.begin();
  }

  /** @param isLast Whether no other job is there to be run. */
  answer(answer: Answer, isLast: boolean): void {
    if (this.#tellsMemory) this.tell(['rss', process.memoryUsage.rss()]);
    if (typeof answer === 'string') {
      if (isLast || this.#log?.put(answer) !== true) this.#send(answer);
      else if (this.#log.isDue) this.#send('');
      return;
    }
    const { id, kind, bytes } = answer;
    const isShared = this.#share(bytes);
    this.#send(answerText(id, kind, `[${bytes.length},${isShared}]`));
    if (!isShared) this.#pipes.writeBytes(bytes);
  }

  tell(notice: Notice): void {
    this.#send(recordText(notice));
  }

  /** What was written down is not kept back any longer. */
  catchUp(): void {
    if (this.#log?.isTold === false) this.#send('');
  }

  /** The place for answers in the shared file may be used again. */
  freePage(): void {
    this.#isPageFree = true;
  }

  #share(bytes: Uint8Array): boolean {
    if (!this.#isPageFree || !isShareable(bytes.length)) return false;
    this.tell(['coming', bytes.length]);
    if (this.#pages?.put('answers', bytes) !== true) return false;
    this.#isPageFree = false;
    return true;
  }

  #send(text: string): void {
    this.#pipes.write(this.#log === undefined ? text : this.#log.takeNotice() + text);
  }
}
