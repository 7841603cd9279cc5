import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { imageOf } from '../model/error-image.ts';
import { ActiveJob, stuck } from './active-job.ts';
import { type Answer, answerOf, failureAnswer } from './answer.ts';
import { AnswerLogWriter } from './answer-log.ts';
import { jobStorage } from './current-job.ts';
import { JobSurroundings } from './job-surroundings.ts';
import { OutputMarks } from './output-marks.ts';
import { Questions } from './questions.ts';
import {
  type AbortReason,
  answers,
  answerText,
  flags,
  type Mode,
  modes,
  type Notice,
  type Order,
  recordText,
  unpack,
  type WorkerRules,
} from './records.ts';
import { applyTo, isThenable, type JobFunction } from './run-job.ts';
import { isShareable, SharedPages } from './shared-pages.ts';
import { decodeBytes } from './value-codec.ts';
import { descriptors, endGroup, WorkerPipes } from './worker-pipes.ts';

/** What a worker's program has to be able to do. */
export interface JobProgram {
  /** Called once with the setup of the pool. The worker is ready when it resolves. */
  start(setup: unknown): Promise<void> | void;
  /** Whether it can be given jobs although `start` has not resolved and nothing is left to wait for. */
  isReady?(): boolean;
  /** The function that a definition stands for; asked once for each. */
  resolve(definition: unknown): JobFunction | Promise<JobFunction>;
  /** Called before the process ends in order, with its exit code. */
  end?(code: number): Promise<void> | void;
}

/** `[id, function, mode, args, length?, attempt?, flags?]` */
type JobRecord = [
  number,
  number,
  Mode,
  Buffer | readonly unknown[] | null,
  number?,
  number?,
  number?,
];

/**
 * Makes this process a worker: takes jobs from the pool that started it, runs them one after the
 * other and answers each exactly once. Must be called before anything else happens.
 */
export function serveJobs(program: JobProgram): void {
  const server = new JobServer(program);
  server.listen();
}

const stuckText = 'It is stuck at a top-level await: nothing is left that could end it.';
/** Whoever watches over the group when the parent is gone is given the first turn: it sees more. */
const orphanMs = 300;

class JobServer {
  readonly #program: JobProgram;
  readonly #pipes: WorkerPipes;
  readonly #storage = jobStorage();
  readonly #functions: (JobFunction | Promise<JobFunction>)[] = [];
  readonly #questions: Questions;
  #queue: JobRecord[] = [];
  #next = 0;
  #received = 0;
  /** Jobs that were aborted before they began. */
  readonly #aborted = new Map<number, AbortReason>();
  #isUp = false;
  #isWorking = false;
  #current: ActiveJob | undefined;
  #rules: WorkerRules = { hasPages: false, hasLog: false, tellsMemory: false, isCareful: false };
  #pages: SharedPages | undefined;
  #log: AnswerLogWriter | undefined;
  /** Whether the parent has read the last answer in the shared file. */
  #isPageFree = true;
  #isStartDue = false;
  #marks: OutputMarks | undefined;
  #surroundings: JobSurroundings | undefined;
  #isSpent = false;
  #endCode: number | undefined;

  constructor(program: JobProgram) {
    this.#program = program;
    this.#pipes = new WorkerPipes(
      (records) => this.#take(records as (JobRecord | Order)[]),
      () => setTimeout(endGroup, orphanMs),
    );
    this.#questions = new Questions((notice) => this.#tell(notice));
  }

  /** Errors that nobody catches belong to a job if one runs, and otherwise spend the worker. */
  listen(): void {
    const blame = (error: unknown): void => this.#blame(error);
    process.on('uncaughtException', blame);
    process.on('unhandledRejection', blame);
    process.on('beforeExit', () => this.#current?.interrupt?.(stuck));
  }

  #take(records: readonly (JobRecord | Order)[]): void {
    const before = this.#received;
    for (const record of records) {
      if (typeof record[0] === 'number') this.#accept(record as JobRecord);
      else this.#obey(record as Order);
    }
    if (this.#received === before) return;
    if (this.#isSpent) {
      this.#giveBack();
      return;
    }
    this.#noteReceived();
    this.#log?.begin();
    if (!this.#isWorking) this.#work().catch(fail);
  }

  #accept(record: JobRecord): void {
    const [, , mode, , size = 0, , flag = 0] = record;
    if (size !== 0) {
      const isShared = (flag & flags.isShared) !== 0 && this.#pages !== undefined;
      const bytes = isShared ? this.#pages?.get('jobs', size) : undefined;
      const args = bytes ?? this.#pipes.readBytes(size);
      record[3] = mode === modes.callWithBytes ? [args] : args;
    }
    if ((flag & flags.tellsStart) !== 0) this.#isStartDue = true;
    this.#received += 1;
    this.#queue.push(record);
  }

  /** Before the first of them starts: if this process dies, the parent knows which one ran. */
  #noteReceived(): void {
    if (this.#pages !== undefined) this.#pages.receivedCount = this.#received;
    if (this.#pages === undefined || this.#isStartDue) this.#tell(['got', this.#received]);
    this.#isStartDue = false;
  }

  #obey(order: Order): void {
    switch (order[0]) {
      case 'setup':
        void this.#start(order[1], unpack(order[2]));
        break;
      case 'define':
        this.#functions[order[1]] = this.#resolve(order[2]);
        break;
      case 'abort':
        this.#abort(order[1], order[2]);
        break;
      case 'return':
        this.#giveBack();
        break;
      case 'free':
        this.#isPageFree = true;
        break;
      case 'coming':
        this.#pages?.expect(order[1]);
        break;
      case 'reply':
        this.#questions.answer(order[2], order[3], order[4]);
        this.#hold();
        break;
      case 'end':
        this.#endCode = order[1];
        if (!this.#isWorking) void this.#end(order[1]);
        break;
      default:
        throw new Error('Internal error: an order that this worker does not know');
    }
  }

  /** One that has been answered meanwhile is nobody's. */
  #abort(id: number, why: AbortReason): void {
    if (this.#current?.id === id) this.#current.abort(why);
    else if (this.#queue.slice(this.#next).some(([each]) => each === id))
      this.#aborted.set(id, why);
  }

  async #start(rules: WorkerRules, setup: unknown): Promise<void> {
    this.#rules = rules;
    if (rules.hasPages) this.#pages = new SharedPages(descriptors.pages);
    if (rules.hasLog && this.#pages !== undefined) this.#log = new AnswerLogWriter(this.#pages);
    if (rules.nonce !== undefined) this.#marks = new OutputMarks(rules.nonce);
    // While the program starts only its own work keeps the process going: nothing means stuck.
    this.#pipes.hold(false);
    const onIdle = (): void => {
      if (this.#program.isReady?.() === true) this.#comeUp();
      else this.#fail(new Error(stuckText));
    };
    process.once('beforeExit', onIdle);
    try {
      await this.#program.start(setup);
      this.#comeUp();
    } catch (error) {
      this.#blame(error);
    }
    process.off('beforeExit', onIdle);
    this.#hold();
  }

  #comeUp(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#surroundings = new JobSurroundings();
    this.#tell(['ready']);
    this.#pipes.hold(true);
  }

  #fail(error: unknown): void {
    this.#tell(['failed', imageOf(error)]);
  }

  #resolve(definition: unknown): JobFunction | Promise<JobFunction> {
    const resolved = (async () => this.#program.resolve(definition))();
    // A job that needs it says what was wrong.
    resolved.catch(() => undefined);
    return resolved;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#next < this.#queue.length) {
      const record = this.#queue[this.#next++];
      if (record === undefined) break;
      if (this.#next === this.#queue.length) this.#reset();
      const job = new ActiveJob(record[0], record[5] ?? 1, this.#ask);
      this.#current = job;
      const why = this.#aborted.get(job.id);
      if (why !== undefined && this.#aborted.delete(job.id)) job.abort(why);
      if (this.#marks !== undefined) await this.#marks.write(job.id, 'begin');
      const running = this.#run(job, record);
      const answer = running instanceof Promise ? await this.#waitFor(running) : running;
      if (this.#marks !== undefined) await this.#marks.write(job.id, 'end');
      this.#answer(answer);
    }
    this.#isWorking = false;
    if (this.#endCode !== undefined) await this.#end(this.#endCode);
  }

  /** What was written down before is not kept back for as long as this takes. */
  #waitFor(running: Promise<Answer>): Promise<Answer> {
    if (this.#log?.isTold === false) this.#send('');
    return running;
  }

  readonly #ask = (job: ActiveJob, question: unknown): Promise<unknown> => {
    const answered = this.#questions.ask(job, question);
    this.#hold();
    return answered;
  };

  /** The answer; at once if the function is one that does. */
  #run(job: ActiveJob, record: JobRecord): Answer | Promise<Answer> {
    const fn = this.#functions[record[1]];
    if (typeof fn !== 'function' || this.#rules.isCareful) return this.#runLater(job, record);
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
      if (this.#rules.isCareful) await nextTurn();
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
    this.#hold();
    try {
      return await new Promise((resolve, reject) => {
        job.interrupt = reject;
        returned.then(resolve, reject);
      });
    } finally {
      job.interrupt = undefined;
      this.#pipes.hold(true);
    }
  }

  /** A job that waits for the parent has something that it waits for. */
  #hold(): void {
    const job = this.#current;
    this.#pipes.hold(job === undefined || job.openQuestions > 0);
  }

  #threw(job: ActiveJob, error: unknown, done: unknown[]): Answer {
    try {
      this.#surroundings?.restore();
    } catch (gone) {
      // The directory is gone, but the job has failed anyhow and says why; the next must not run.
      this.#spend(gone);
    }
    if (error === stuck) return answerText(job.id, answers.stuck, '0');
    return failureAnswer(job.id, error, done);
  }

  #answer(answer: Answer): void {
    this.#current = undefined;
    if (this.#rules.tellsMemory) this.#tell(['rss', process.memoryUsage.rss()]);
    if (typeof answer === 'string') {
      const isLast = this.#next === this.#queue.length;
      if (isLast || this.#log?.put(answer) !== true) this.#send(answer);
      else if (this.#log.isDue) this.#send('');
      return;
    }
    const { id, kind, bytes } = answer;
    const isShared = this.#share(bytes);
    this.#send(answerText(id, kind, `[${bytes.length},${isShared}]`));
    if (!isShared) this.#pipes.writeBytes(bytes);
  }

  #share(bytes: Uint8Array): boolean {
    if (!this.#isPageFree || !isShareable(bytes.length)) return false;
    this.#tell(['coming', bytes.length]);
    if (this.#pages?.put('answers', bytes) !== true) return false;
    this.#isPageFree = false;
    return true;
  }

  /** An error of a job that has been answered can fail nobody any more, but is not kept secret. */
  #blame(error: unknown): void {
    if (!this.#isUp) {
      this.#fail(error);
      return;
    }
    const job = this.#storage.getStore() ?? this.#current;
    this.#spend(error);
    if (job === undefined || job !== this.#current) {
      process.stderr.write(`Nobody has caught this: ${textOf(error)}\n`);
      return;
    }
    this.#current.blamed ??= { error };
    this.#current.interrupt?.(error);
  }

  #spend(error: unknown): void {
    if (this.#isSpent) return;
    this.#isSpent = true;
    this.#tell(['spent', imageOf(error)]);
    this.#giveBack();
  }

  #giveBack(): void {
    const ids = this.#queue.slice(this.#next).map(([id]) => id);
    this.#reset();
    this.#aborted.clear();
    this.#tell(['returned', ids]);
  }

  #reset(): void {
    this.#queue = [];
    this.#next = 0;
  }

  async #end(code: number): Promise<void> {
    try {
      await this.#program.end?.(code);
    } catch (error) {
      process.stderr.write(`${textOf(error)}\n`);
    }
    this.#pipes.close();
    process.exit(code);
  }

  /** What was written down comes before what is sent. */
  #send(text: string): void {
    this.#pipes.write(this.#log === undefined ? text : this.#log.takeNotice() + text);
  }

  #tell(notice: Notice): void {
    this.#send(recordText(notice));
  }
}

/** A worker that cannot even answer ends, so that its job is not waited for. */
function fail(error: unknown): void {
  process.stderr.write(`${textOf(error)}\n`);
  process.exit(70);
}

function textOf(error: unknown): string {
  const { stack, message } = imageOf(error);
  return stack ?? message;
}

function decodedArgs(bytes: Buffer): readonly unknown[] {
  return decodeBytes(bytes) as readonly unknown[];
}
