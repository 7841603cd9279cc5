import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ActiveJob, stuck } from './active-job.ts';
import { type Answer, answerOf, failureAnswer } from './answer.ts';
import type { jobStorage } from './current-job.ts';
import { JobSurroundings } from './job-surroundings.ts';
import { answers, answerText, type JobRecord } from './records.ts';
import { applyTo, isThenable, type JobFunction } from './run-job.ts';
import { decodeBytes } from './value-codec.ts';

/** What a runner asks of the worker that it is in. */
export interface RunnerEffects {
  /** A job waits from now on, or does not wait any more. */
  waiting(isWaiting: boolean): void;
  /** No other job is to run here. */
  spend(error: unknown): void;
}

/** Runs jobs in this process, one at a time, and says what to answer. */
export class JobRunner {
  readonly #storage: ReturnType<typeof jobStorage>;
  readonly #effects: RunnerEffects;
  readonly #functions: (JobFunction | Promise<JobFunction>)[] = [];
  #surroundings: JobSurroundings | undefined;
  /** Whether a job is answered only after a turn of the loop, so that rejections nobody handles count. */
  isCareful = false;

  constructor(storage: ReturnType<typeof jobStorage>, effects: RunnerEffects) {
    this.#storage = storage;
    this.#effects = effects;
  }

  /** What jobs find now is what later ones find. */
  keepSurroundings(): void {
    this.#surroundings = new JobSurroundings();
  }

  define(fn: number, resolved: Promise<JobFunction>): void {
    // A job that needs it says what was wrong.
    resolved.catch(() => undefined);
    this.#functions[fn] = resolved;
  }

  /** The answer; at once if the function is one that does. */
  run(job: ActiveJob, record: JobRecord): Answer | Promise<Answer> {
    const fn = this.#functions[record[1]];
    if (typeof fn !== 'function' || this.isCareful) return this.#runLater(job, record);
    const done: unknown[] = [];
    try {
      const returned = this.#enter(job, fn, record, done);
      if (isThenable(returned)) return this.#runLater(job, record, returned, done);
      this.#surroundings?.restore();
      return answerOf(job.id, returned);
    } catch (error) {
      return this.#threw(job, error, done);
    }
  }

  async #runLater(
    job: ActiveJob,
    record: JobRecord,
    returned?: PromiseLike<unknown>,
    done: unknown[] = [],
  ): Promise<Answer> {
    try {
      const value = await this.#settled(job, returned ?? this.#call(job, record, done));
      if (this.isCareful) await nextTurn();
      if (job.blamed !== undefined) throw job.blamed.error;
      this.#surroundings?.restore();
      return answerOf(job.id, value);
    } catch (error) {
      return this.#threw(job, job.blamed === undefined ? error : job.blamed.error, done);
    }
  }

  async #call(job: ActiveJob, record: JobRecord, done: unknown[]): Promise<unknown> {
    const fn = await this.#functions[record[1]];
    if (fn === undefined) throw new Error('Internal error: a job without its function');
    this.#functions[record[1]] = fn;
    return this.#enter(job, fn, record, done);
  }

  #enter(job: ActiveJob, fn: JobFunction, record: JobRecord, done: unknown[]): unknown {
    const args = Buffer.isBuffer(record[3]) ? decodedArgs(record[3]) : (record[3] ?? []);
    return this.#storage.run(job, applyTo, fn, record[2], args, done);
  }

  /** While a job waits only its own work keeps the process going: if there is none, it is stuck. */
  async #settled(job: ActiveJob, returned: PromiseLike<unknown>): Promise<unknown> {
    this.#effects.waiting(true);
    try {
      return await new Promise((resolve, reject) => {
        job.interrupt = reject;
        returned.then(resolve, reject);
      });
    } finally {
      job.interrupt = undefined;
      this.#effects.waiting(false);
    }
  }

  #threw(job: ActiveJob, error: unknown, done: unknown[]): Answer {
    try {
      this.#surroundings?.restore();
    } catch (gone) {
      // The directory is gone, but the job has failed anyhow and says why; the next must not run.
      this.#effects.spend(gone);
    }
    if (error === stuck) return answerText(job.id, answers.stuck, '0');
    return failureAnswer(job.id, error, done);
  }
}

function decodedArgs(bytes: Buffer): readonly unknown[] {
  return decodeBytes(bytes) as readonly unknown[];
}
