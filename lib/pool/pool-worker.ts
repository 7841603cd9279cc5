import type { ErrorImage } from '../model/error-image.ts';
import { imageOf } from '../model/error-image.ts';
import { AnswerIntake, type IntakeListener } from './answer-intake.ts';
import { AnswerLogReader, mostUnread } from './answer-log.ts';
import type { Cost, Job, JobOutcome, StartFailure, WorkerView } from './job.ts';
import { JobSender } from './job-sender.ts';
import { type Exit, type Patience, PoolProcess, type WorkerProgram } from './pool-process.ts';
import { type Order, pack, unpack } from './records.ts';
import { WorkerOutput } from './worker-output.ts';

/** So many workers may end that a job was sent to next, before it is taken to be the reason. */
const maxSetbacks = 5;

/** Who has the worker. */
export interface WorkerOwner {
  /** It can be given jobs. */
  ready(worker: PoolWorker): void;
  /** Some jobs have been answered, or given back. */
  progressed(worker: PoolWorker): void;
  /** These have not started and go elsewhere. */
  givenBack(jobs: readonly Job[]): void;
  /** Nothing is left of it. */
  gone(worker: PoolWorker, how: Exit): void;
}

/** What a worker is made with. */
export interface WorkerParts {
  readonly program: WorkerProgram;
  readonly patience: Patience;
  readonly owner: WorkerOwner;
  /** Its slot, from 0. */
  readonly index: number;
  /** Memory in bytes beyond which it gets no further job. */
  readonly maxMemory: number | undefined;
  /** It is given so many jobs at most. */
  readonly maxJobs: number;
  /** It is sent so many jobs ahead at most. */
  readonly maxDepth: number;
}

/**
 * One worker as its pool sees it. It is sent jobs ahead and answers them in order, so that the
 * first one that it has got and not answered is the one that runs: if it dies, that one is lost,
 * by name, and the others have not started.
 */
export class PoolWorker implements WorkerView {
  readonly index: number;
  readonly #parts: WorkerParts;
  readonly #process: PoolProcess;
  readonly #intake: AnswerIntake;
  readonly #log: AnswerLogReader | undefined;
  readonly #sender: JobSender;
  readonly #output: WorkerOutput;
  readonly #hasRun = new Set<string>();
  #jobs: Job[] = [];
  /** How many it has answered or given back. */
  #doneCount = 0;
  #receivedCount = 0;
  /** The last exclusive job whose start was told. */
  #begunId = 0;
  #givenCount = 0;
  #stage: 'starting' | 'ready' | 'retiring' | 'ending' = 'starting';
  #hasComeUp = false;
  /** It was told to end, whether it had come up or not. */
  #isDismissed = false;
  #startError: ErrorImage | undefined;
  /** What came up that nobody caught. */
  #strayError: ErrorImage | undefined;
  #hasReturned = true;
  /** For the one that is running when it dies. */
  #headVerdict: JobOutcome | undefined;
  /** Jobs that it answered after their fate was decided, or whose output is still coming. */
  #held: { readonly job: Job; readonly outcome: JobOutcome }[] = [];
  /** When it last answered, or was given a job while it was idle. */
  lastAt = 0;
  /** How many jobs it has answered since then was asked last. */
  answeredCount = 0;
  /** Whether it is being given jobs now: not one by one, but when half of them are done. */
  isFilling = false;
  /** Of what kind the last one was. */
  lastCost: Cost | undefined;
  /** Whether it has taken up any job yet. */
  hasTakenJobs = false;
  /** The one whose slot it takes over. */
  predecessor: PoolWorker | undefined;

  /** @throws What the system has against a new process, in the few cases that are not told later. */
  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.index = parts.index;
    const { program } = parts;
    this.#output = new WorkerOutput(program.takesOutput);
    this.#intake = new AnswerIntake({
      answer: (id, outcome) => this.#finish(id, outcome),
      notice: (notice) => this.#note(notice),
      logged: (end) => this.#log?.readTo(end) ?? [],
      shared: (length) => this.#readShared(length),
    });
    this.#process = new PoolProcess(program, parts.patience, {
      records: (records) => {
        this.#trust(() => this.#intake.take(records));
        parts.owner.progressed(this);
      },
      bytes: (chunk) => {
        let hasAnswered = false;
        this.#trust(() => {
          hasAnswered = this.#intake.takeBytes(chunk);
        });
        if (hasAnswered) parts.owner.progressed(this);
      },
      output: (stream, chunk) => this.#output.take(stream, chunk),
      outputEnded: (stream) => {
        // A job has closed it, so that the next one could not write. Of one that has not come up it
        // tells that it has died, which is not the same as being told to end.
        if (this.#output.isWanted && this.#hasComeUp) this.retire();
        this.#output.finish(stream);
      },
    });
    const tellsMemory = parts.maxMemory !== undefined;
    const { pages } = this.#process;
    const isSentAhead = parts.maxDepth > 1 && parts.maxDepth <= mostUnread;
    if (pages !== undefined && isSentAhead) this.#log = new AnswerLogReader(pages);
    const hasPages = pages !== undefined;
    const hasLog = this.#log !== undefined;
    const isCareful = program.takesOutput;
    const { nonce } = this.#output;
    const rules = { nonce, hasPages, hasLog, tellsMemory, isCareful };
    this.#sender = new JobSender(this.#process);
    this.#sender.order(['setup', rules, pack(program.setup)]);
    void this.#process.gone.then((how) => this.#giveUp(how));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** How many jobs it has that are not answered. */
  get load(): number {
    return this.#jobs.length + this.#held.length;
  }

  get isStarting(): boolean {
    return this.#stage === 'starting' && !this.#process.isLost;
  }

  /** Whether it can be given jobs, as far as it is concerned. */
  get isReady(): boolean {
    return this.#stage === 'ready' && !this.#process.isLost;
  }

  /** Whether it is one of those that the pool counts on, now or soon. */
  get isLasting(): boolean {
    return (this.#stage === 'starting' || this.#stage === 'ready') && !this.#process.isLost;
  }

  /** Whether it is on its way out because it could not start: what takes its place may not either. */
  get isFailing(): boolean {
    return !this.#hasComeUp && !this.wasCalledOff && !this.isLasting;
  }

  /** Whether it has said to have any of its jobs. */
  get hasTaken(): boolean {
    if (this.#held.length > 0) return true;
    const { pages } = this.#process;
    if (pages !== undefined)
      this.#receivedCount = Math.max(this.#receivedCount, pages.receivedCount);
    return this.#receivedCount > this.#doneCount;
  }

  get hasExclusiveJob(): boolean {
    return this.#held.length > 0 || this.#jobs[0]?.traits.isExclusive === true;
  }

  get isUnused(): boolean {
    return this.#givenCount === 0;
  }

  /** Whether it was told to end before it had come up, so that however it ends nothing is lost. */
  get wasCalledOff(): boolean {
    return this.#isDismissed && !this.#hasComeUp && this.#startError === undefined;
  }

  /** How the start went wrong, given how the process ended; undefined if it came up, or was not to. */
  startFailure(how: Exit): StartFailure | undefined {
    if (this.#hasComeUp || this.wasCalledOff) return undefined;
    const error = this.#startError === undefined ? {} : { error: this.#startError };
    return { ...error, ...how, pid: this.#process.pid, stderr: this.#output.tail };
  }

  hasRun(affinity: string): boolean {
    return this.#hasRun.has(affinity);
  }

  /** Of how many kinds it has run jobs. */
  get warmth(): number {
    return this.#hasRun.size;
  }

  /** Takes a job; it is sent with the next `flush`. */
  give(job: Job): void {
    const { traits } = job;
    if (traits.isExclusive) this.#process.setDrain(traits.drainMs);
    if (this.#jobs.length === 0) this.lastAt = performance.now();
    this.#jobs.push(job);
    job.worker = this;
    this.#givenCount += 1;
    if (traits.affinity !== undefined) this.#hasRun.add(traits.affinity);
    if (this.#output.isWanted) this.#output.listen(job, () => this.#settleHeld());
    this.#sender.add(job, this.#jobs.length === 1);
    if (traits.isFresh === true || this.#givenCount >= this.#parts.maxJobs) this.retire();
  }

  /** Sends what it has been given: one write for all. */
  flush(): void {
    this.#sender.flush();
  }

  /** It gets no further jobs, and ends when it has answered those it has. */
  retire(): void {
    if (this.#stage === 'starting' || this.#stage === 'ready') this.#stage = 'retiring';
  }

  /** Ends it if it is retiring and has no job left; `code` is its exit code. */
  endIfDone(code: number): void {
    if (this.#stage !== 'retiring' || this.load > 0) return;
    this.#stage = 'ending';
    this.#isDismissed = true;
    this.#sender.order(['end', code]);
    void this.#process.expectEnd();
  }

  /** Asks for the jobs that have not started, if it was not asked already. */
  askBack(): void {
    if (!this.#hasReturned) return;
    this.#hasReturned = false;
    this.#sender.order(['return']);
  }

  /** Aborts the signal of the job. */
  abort(job: Job, why: Extract<Order, readonly ['abort', ...unknown[]]>[2]): void {
    this.#sender.order(['abort', job.id, why]);
  }

  /** Whatever `job` still answers, it ends as `verdict` says, when nothing of the worker is left. */
  cut(job: Job, verdict: JobOutcome, signal?: NodeJS.Signals): void {
    job.verdict ??= verdict;
    void this.#process.stop(signal);
  }

  /** The same for the job that is running when it dies. */
  cutHead(verdict: JobOutcome, signal: NodeJS.Signals): void {
    this.#headVerdict = verdict;
    void this.#process.stop(signal);
  }

  /** SIGTERM to the group, SIGKILL after the grace period; all its jobs end as `verdict` says. */
  stop(verdict: JobOutcome): void {
    for (const job of this.#jobs) job.verdict ??= verdict;
    for (const { job } of this.#held) job.verdict ??= verdict;
    void this.#process.stop();
  }

  /** SIGKILL to the group, at once and without waiting. */
  kill(): void {
    this.#process.kill();
  }

  /** What stands in its log although it has not told so, since a long job came after short ones. */
  lookIntoLog(): void {
    if (this.#readUntold()) this.#parts.owner.progressed(this);
  }

  /** Returns whether there was any. */
  #readUntold(): boolean {
    if (this.#log === undefined || !this.#process.isTrusted) return false;
    const before = this.#doneCount;
    const answers = this.#log.readUntold(this.#jobs.map(({ id }) => id));
    this.#trust(() => this.#intake.take(answers));
    return this.#doneCount > before;
  }

  /** User code can write into the pipe as well. */
  #trust(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.#output.note(`What it sent could not be read: ${imageOf(error).message}\n`);
      this.#process.distrust();
    }
  }

  #readShared(length: number): Buffer {
    const { pages } = this.#process;
    if (pages === undefined)
      throw new Error('Internal error: an answer in a file that is not there');
    const bytes = pages.get('answers', length);
    this.#sender.addOrder(['free']);
    return bytes;
  }

  #finish(id: number, outcome: JobOutcome): void {
    const job = this.#jobs[0];
    if (job === undefined || job.id !== id) {
      this.#process.distrust();
      return;
    }
    this.#jobs.shift();
    this.#doneCount += 1;
    this.hasTakenJobs = true;
    this.#sender.release(job);
    this.answeredCount += 1;
    this.lastCost = job.fn.cost;
    job.limits?.stop();
    if (this.#output.isDue || (job.verdict !== undefined && this.#process.isLost)) {
      this.#held.push({ job, outcome });
      return;
    }
    job.settle(outcome);
  }

  #settleHeld(): void {
    const [held] = this.#held;
    if (held === undefined || this.#output.isDue) return;
    if (held.job.verdict !== undefined && this.#process.isLost) return;
    this.#held.shift();
    held.job.settle(held.outcome);
    this.#parts.owner.progressed(this);
  }

  #note(notice: Parameters<IntakeListener['notice']>[0]): void {
    switch (notice[0]) {
      case 'ready':
        this.#hasComeUp = true;
        if (this.#stage === 'starting') this.#stage = 'ready';
        this.#parts.owner.ready(this);
        break;
      case 'failed':
        this.#startError ??= notice[1];
        void this.#process.stop();
        break;
      case 'got':
        this.#got(notice[1]);
        break;
      case 'coming':
        this.#process.pages?.expect(notice[1]);
        break;
      case 'returned':
        this.#returned(new Set(notice[1]));
        break;
      case 'ask':
        void this.#answerQuestion(notice[1], notice[2], unpack(notice[3]));
        break;
      case 'rss':
        if (notice[1] > (this.#parts.maxMemory ?? Number.POSITIVE_INFINITY)) this.retire();
        break;
      case 'spent':
        this.#strayError = notice[1];
        this.retire();
        break;
      default:
      // Somebody else's record, which is none of our business.
    }
  }

  #got(count: number): void {
    this.hasTakenJobs = true;
    // The shared file may have told as much before; that it has begun is told here alone.
    if (count > this.#receivedCount) this.#receivedCount = count;
    const [head] = this.#jobs;
    if (head?.traits.isExclusive !== true || head.id === this.#begunId) return;
    this.#begunId = head.id;
    this.#begin(head);
  }

  #begin(job: Job): void {
    const { limits } = job;
    limits?.start(
      () => {
        const limitMs = limits.softMs ?? 0;
        this.abort(job, { kind: 'soft-limit', limitMs });
        job.client.softLimitPassed?.(limitMs);
      },
      () => this.cut(job, { kind: 'timed-out', limitMs: limits.hardMs ?? 0 }),
    );
    job.client.started?.(this);
  }

  #returned(ids: ReadonlySet<number>): void {
    this.#hasReturned = true;
    const back = this.#jobs.filter((job) => ids.has(job.id));
    if (back.length === 0) return;
    this.#jobs = this.#jobs.filter((job) => !ids.has(job.id));
    this.#doneCount += back.length;
    for (const job of back) this.#sender.release(job);
    if (this.#strayError !== undefined) {
      setBack(back[0], { kind: 'threw', error: this.#strayError, done: [] });
    }
    this.#parts.owner.givenBack(back);
  }

  async #answerQuestion(id: number, question: number, asked: unknown): Promise<void> {
    const job = this.#jobs.find((each) => each.id === id);
    try {
      if (job?.client.asked === undefined) throw new Error('Nobody answers questions of this job.');
      const value = await job.client.asked(asked);
      this.#sender.order(['reply', id, question, true, pack(value)]);
    } catch (error) {
      this.#sender.order(['reply', id, question, false, pack(imageOf(error))]);
    }
  }

  /** The process has ended: whatever was to come of it has come. */
  #giveUp(how: Exit): void {
    this.#stage = 'ending';
    this.#readUntold();
    this.#output.giveUp();
    for (const { job, outcome } of this.#held) job.settle(outcome);
    this.#held = [];
    const { hasTaken } = this;
    this.#process.pages?.close();
    const rest = this.#jobs;
    this.#jobs = [];
    const head = hasTaken ? rest.shift() : undefined;
    const lost = {
      kind: 'lost',
      pid: this.#process.pid,
      ...how,
      stderr: this.#output.tail,
    } as const;
    if (head !== undefined) head.settle(this.#headVerdict ?? lost);
    else setBack(rest[0], lost);
    for (const job of rest) if (job.verdict !== undefined) job.settle(job.verdict);
    this.#parts.owner.givenBack(rest.filter((job) => !job.isSettled));
    this.#parts.owner.gone(this, how);
  }
}

/** A job that could not even begin goes elsewhere, but not for ever: then it ends as told here. */
function setBack(job: Job | undefined, outcome: JobOutcome): void {
  if (job === undefined) return;
  job.setbacks += 1;
  if (job.setbacks >= maxSetbacks) job.settle(outcome);
}
