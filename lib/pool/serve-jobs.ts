import process from 'node:process';
import { imageOf } from '../model/error-image.ts';
import { ActiveJob, stuck } from './active-job.ts';
import type { Answer } from './answer.ts';
import { AnswerSender } from './answer-sender.ts';
import { hideBuildFlags } from './build-flags.ts';
import { jobStorage } from './current-job.ts';
import { JobRunner } from './job-runner.ts';
import { hideKeptMemory } from './kept-memory.ts';
import { OutputMarks } from './output-marks.ts';
import { Questions } from './questions.ts';
import {
  type AbortReason,
  flags,
  type JobRecord,
  modes,
  type Order,
  unpack,
  type WorkerRules,
} from './records.ts';
import type { JobFunction } from './run-job.ts';
import { SharedPages } from './shared-pages.ts';
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

/**
 * Makes this process a worker: takes jobs from the pool that started it, runs them one after the
 * other and answers each exactly once. Must be called before anything else happens.
 */
export function serveJobs(program: JobProgram): void {
  hideBuildFlags();
  hideKeptMemory();
  const server = new JobServer(program);
  server.listen();
}

const stuckText = 'It is stuck at a top-level await: nothing is left that could end it.';
/** Whoever watches over the group when the parent is gone is given the first turn: it sees more. */
const orphanMs = 300;

class JobServer {
  readonly #program: JobProgram;
  readonly #pipes: WorkerPipes;
  readonly #sender: AnswerSender;
  readonly #runner: JobRunner;
  readonly #questions: Questions;
  #queue: JobRecord[] = [];
  #next = 0;
  #received = 0;
  /** Jobs that were aborted before they began. */
  readonly #aborted = new Map<number, AbortReason>();
  #isUp = false;
  #isWorking = false;
  #current: ActiveJob | undefined;
  #pages: SharedPages | undefined;
  #isStartDue = false;
  #marks: OutputMarks | undefined;
  #isSpent = false;
  #endCode: number | undefined;

  constructor(program: JobProgram) {
    this.#program = program;
    this.#pipes = new WorkerPipes(
      (records) => this.#take(records as (JobRecord | Order)[]),
      () => setTimeout(endGroup, orphanMs),
    );
    this.#sender = new AnswerSender(this.#pipes);
    this.#runner = new JobRunner(jobStorage(), {
      waiting: (isWaiting) => (isWaiting ? this.#hold() : this.#pipes.hold(true)),
      spend: (error) => this.#spend(error),
    });
    this.#questions = new Questions((notice) => this.#sender.tell(notice));
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
    this.#sender.begin();
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
    if (this.#pages === undefined || this.#isStartDue) this.#sender.tell(['got', this.#received]);
    this.#isStartDue = false;
  }

  #obey(order: Order): void {
    switch (order[0]) {
      case 'setup':
        void this.#start(order[1], unpack(order[2]));
        break;
      case 'define':
        this.#runner.define(order[1], this.#resolve(order[2]));
        break;
      case 'abort':
        this.#abort(order[1], order[2]);
        break;
      case 'return':
        this.#giveBack();
        break;
      case 'free':
        this.#sender.freePage();
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
    if (rules.hasPages) this.#pages = new SharedPages(descriptors.pages);
    this.#sender.setUp(rules, this.#pages);
    this.#runner.isCareful = rules.isCareful;
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
    this.#runner.keepSurroundings();
    this.#sender.tell(['ready']);
    this.#pipes.hold(true);
  }

  #fail(error: unknown): void {
    this.#sender.tell(['failed', imageOf(error)]);
  }

  async #resolve(definition: unknown): Promise<JobFunction> {
    return this.#program.resolve(definition);
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
      const running = this.#runner.run(job, record);
      const answer = running instanceof Promise ? await this.#waitFor(running) : running;
      if (this.#marks !== undefined) await this.#marks.write(job.id, 'end');
      this.#current = undefined;
      this.#sender.answer(answer, this.#next === this.#queue.length);
    }
    this.#isWorking = false;
    if (this.#endCode !== undefined) await this.#end(this.#endCode);
  }

  /** What was written down before is not kept back for as long as this takes. */
  #waitFor(running: Promise<Answer>): Promise<Answer> {
    this.#sender.catchUp();
    return running;
  }

  readonly #ask = (job: ActiveJob, question: unknown): Promise<unknown> => {
    const answered = this.#questions.ask(job, question);
    this.#hold();
    return answered;
  };

  /** A job that waits for the parent has something that it waits for. */
  #hold(): void {
    const job = this.#current;
    this.#pipes.hold(job === undefined || job.openQuestions > 0);
  }

  /** An error of a job that has been answered can fail nobody any more, but is not kept secret. */
  #blame(error: unknown): void {
    if (!this.#isUp) {
      this.#fail(error);
      return;
    }
    const job = jobStorage().getStore() ?? this.#current;
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
    this.#sender.tell(['spent', imageOf(error)]);
    this.#giveBack();
  }

  #giveBack(): void {
    const ids = this.#queue.slice(this.#next).map(([id]) => id);
    this.#reset();
    this.#aborted.clear();
    this.#sender.tell(['returned', ids]);
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
