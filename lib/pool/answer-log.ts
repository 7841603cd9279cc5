import { Buffer } from 'node:buffer';
import type { SharedPages } from './shared-pages.ts';

/** Answers of more characters are sent; the log is for short jobs, and these answer shortly. */
const mostCharacters = 300;
/** UTF-8 takes three bytes for a character at most. */
const mostBytes = 3 * mostCharacters;
/** So many answers at most may stand in the log that the parent has not read. */
export const mostUnread = 256;
const ringLength = (mostUnread + 2) * mostBytes;
/** How long the parent is not told of answers while the worker goes on. */
const untoldMs = 0.2;

/**
 * Where the next answer stands: none is split by the end of the ring. Positions grow for ever. The
 * ring needs no acknowledgement: what the parent has not read belongs to jobs that it still counts,
 * and these are never more than `mostUnread`.
 */
function nextPosition(end: number): number {
  const rest = ringLength - (end % ringLength);
  return rest < mostBytes ? end + rest : end;
}

/**
 * Answers of short jobs on their way to the parent. Each is written to a file in memory before the
 * next job starts, which outlives the worker and wakes nobody; the parent is told of many at once.
 */
export class AnswerLogWriter {
  readonly #pages: SharedPages;
  #end = 0;
  #toldEnd = 0;
  #toldAt = 0;

  constructor(pages: SharedPages) {
    this.#pages = pages;
  }

  /** Jobs have come in: it is from now on that the parent waits for answers. */
  begin(): void {
    this.#toldAt = performance.now();
  }

  /** Writes an answer down. Returns false if it has to be sent. */
  put(answer: string): boolean {
    if (answer.length > mostCharacters) return false;
    const written = this.#pages.writeLog(answer, this.#end % ringLength);
    const isWhole = written === answer.length || written === Buffer.byteLength(answer);
    if (isWhole) this.#end += written;
    return isWhole;
  }

  /** Whether the parent knows of all. */
  get isTold(): boolean {
    return this.#end === this.#toldEnd;
  }

  /** Whether the parent has to be told now, since it was not for long or a new round begins. */
  get isDue(): boolean {
    return nextPosition(this.#end) !== this.#end || performance.now() - this.#toldAt > untoldMs;
  }

  /** What tells the parent of all that it does not know yet; empty if there is nothing. */
  takeNotice(): string {
    if (this.isTold) return '';
    const notice = `["log",${this.#end}],\n`;
    this.#end = nextPosition(this.#end);
    this.#toldEnd = this.#end;
    this.#toldAt = performance.now();
    return notice;
  }
}

/** The parent's side of the log of one worker. */
export class AnswerLogReader {
  readonly #pages: SharedPages;
  #position = 0;

  constructor(pages: SharedPages) {
    this.#pages = pages;
  }

  /**
   * The answers up to `end`, as they stand among records.
   *
   * @throws SyntaxError @throws RangeError If a job has written into the file or the pipe.
   */
  readTo(end: number): unknown[] {
    // Found before it was told of.
    if (end <= this.#position) return [];
    const length = end - this.#position;
    const start = this.#position % ringLength;
    if (!(length <= ringLength - start)) throw new RangeError('There is no such place in the log.');
    const text = this.#pages.readLog(start, length);
    this.#position = nextPosition(end);
    const answers = JSON.parse(`[${text}0]`) as unknown[];
    answers.pop();
    return answers;
  }

  /**
   * What stands in the log besides, of a worker that is dead or has been busy for long: the answers
   * of the first ones of the jobs `ids`, as far as they are complete.
   */
  readUntold(ids: readonly number[]): unknown[] {
    const start = this.#position % ringLength;
    const length = Math.min(ids.length * mostBytes, ringLength - start);
    const lines = this.#pages.readLog(start, length).split('\n');
    const answers: unknown[] = [];
    for (const [index, id] of ids.entries()) {
      const line = lines[index] ?? '';
      const answer = answerIn(line, id);
      if (answer === undefined) break;
      answers.push(...answer);
      this.#position += Buffer.byteLength(line) + 1;
    }
    this.#position = nextPosition(this.#position);
    return answers;
  }
}

/** The answer of the job `id`; undefined if the line is an older one, or not complete. */
function answerIn(line: string, id: number): readonly unknown[] | undefined {
  if (!line.startsWith(`${id},`) || !line.endsWith(`,${id},`)) return undefined;
  try {
    const answer = JSON.parse(`[${line}0]`) as unknown[];
    answer.pop();
    return answer.length === 4 && answer[0] === id && answer[3] === id ? answer : undefined;
  } catch {
    return undefined;
  }
}
