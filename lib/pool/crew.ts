import { imageOf } from '../model/error-image.ts';
import { chooseWorker } from './choose-worker.ts';
import { CrewLife } from './crew-life.ts';
import { noteCost } from './dispatch-limit.ts';
import type { Job, JobOutcome, StartFailure, WorkerView } from './job.ts';
import { JobQueue } from './job-queue.ts';
import type { Exit, Patience, WorkerProgram } from './pool-process.ts';
import { PoolWorker, type WorkerOwner } from './pool-worker.ts';
import { QuietWorkers } from './quiet-workers.ts';
import { RestartLimit } from './restart-limit.ts';
import { after } from './timer.ts';

/** How the workers of a pool are made and kept. */
export interface CrewOptions {
  readonly program: WorkerProgram;
  readonly patience: Patience;
  /** How many workers run jobs at the same time at most. */
  readonly size: number;
  /** A worker ends after so many jobs. */
  readonly maxJobs?: number | undefined;
  /** A worker that holds more bytes than this after a job gets no other. */
  readonly maxMemory?: number | undefined;
  /** How many jobs are sent ahead to a worker at most, while jobs are short. */
  readonly maxDepth: number;
  /** One failure to start in a row more breaks the pool. */
  readonly maxStartFailures: number;
  readonly restarts?: { readonly max: number; readonly windowMs: number } | undefined;
  readonly workerUp?: ((worker: WorkerView) => void) | undefined;
  readonly workerDown?: ((worker: WorkerView, how: Exit) => void) | undefined;
}

/** The exit code of a worker that was replaced in order, as billiard has it. */
const recycledCode = 155;

/**
 * Workers and the jobs they run: the part of a pool that knows nothing of user-facing names. Every
 * job that is submitted settles exactly once, whatever becomes of workers.
 */
export class Crew implements WorkerOwner {
  readonly #options: CrewOptions;
  readonly #queue = new JobQueue();
  readonly #workers: PoolWorker[] = [];
  readonly #restarts: RestartLimit;
  #size: number;
  #state: 'open' | 'closed' | 'terminated' = 'open';
  #broken: Extract<JobOutcome, { kind: 'broken' }> | undefined;
  readonly #quiet: QuietWorkers;
  readonly #life: CrewLife;
  #isPumpDue = false;
  #hasLostWorker = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#restarts = new RestartLimit(options.maxStartFailures, options.restarts);
    this.#quiet = new QuietWorkers({
      workers: this.#workers,
      size: () => this.#size,
      hasWaiting: () => this.#queue.size > 0,
    });
    this.#life = new CrewLife(() => this.#quiet.endDeaf());
  }

  /** How many workers run jobs at the same time at most. */
  get size(): number {
    return this.#size;
  }

  /** The workers that are there. */
  get workers(): readonly WorkerView[] {
    return this.#workers;
  }

  /** Whether every worker so far has come up, and ended only when it was to. */
  get isHealthy(): boolean {
    return !this.#hasLostWorker && this.#broken === undefined;
  }

  /** How many workers have a job. */
  get busyCount(): number {
    return this.#workers.filter((worker) => worker.load > 0).length;
  }

  /**
   * Takes a job on. Starts in the same turn of the loop, with others that are submitted there. After
   * `close` too: of what was submitted before, some jobs may come late.
   */
  submit(job: Job): void {
    if (this.#state === 'terminated' || this.#broken !== undefined) {
      job.settle(this.#broken ?? { kind: 'pool-terminated' });
      return;
    }
    this.#life.jobCame();
    job.whenSettled = this.#oneSettled;
    this.#queue.push(job);
    this.#pumpSoon();
  }

  /**
   * The job is not wanted any more: it is taken from the queue, or its signal is aborted and its
   * worker ended if it has not ended after the grace period.
   */
  cancel(job: Job): void {
    if (job.isSettled) return;
    const verdict: JobOutcome = { kind: 'cancelled' };
    if (!(job.worker instanceof PoolWorker)) {
      job.settle(verdict);
      return;
    }
    const { worker } = job;
    job.verdict ??= verdict;
    worker.abort(job, { kind: 'cancelled' });
    const { whenSettled } = job;
    const stopWaiting = after(this.#options.patience.killGraceMs, () => {
      if (job.worker === worker) worker.cut(job, verdict);
    });
    job.whenSettled = () => {
      stopWaiting();
      whenSettled?.();
    };
  }

  /**
   * Ends the job by `signal` to the group of its worker, if it has one yet. One that has ended is
   * left alone: its worker runs others now.
   */
  terminateJob(job: Job, signal: NodeJS.Signals): void {
    if (job.isSettled) return;
    const verdict: JobOutcome = { kind: 'terminated', signal };
    if (job.worker instanceof PoolWorker) job.worker.cut(job, verdict, signal);
    else job.settle(verdict);
  }

  /** Ends whatever the worker `pid` runs. Returns whether there is such a worker. */
  terminateWorker(pid: number, signal: NodeJS.Signals): boolean {
    const worker = this.#workers.find((each) => each.pid === pid);
    worker?.cutHead({ kind: 'terminated', signal }, signal);
    return worker !== undefined;
  }

  /** Changes how many workers run jobs at the same time; idle ones beyond that end. */
  resize(size: number): void {
    this.#size = size;
    const lasting = this.#workers.filter((worker) => worker.isLasting);
    const idleFirst = lasting.sort((a, b) => a.load - b.load || b.index - a.index);
    for (const worker of idleFirst.slice(0, Math.max(0, lasting.length - size))) {
      worker.retire();
      worker.endIfDone(0);
    }
    this.#pumpSoon();
  }

  /** Replaces all workers: idle ones now, the others after their jobs. */
  restart(): void {
    for (const worker of this.#workers) {
      worker.retire();
      worker.endIfDone(0);
    }
    this.#pumpSoon();
  }

  /** Starts all workers without waiting for jobs; resolves when they are ready or have failed. */
  async warmUp(): Promise<void> {
    this.#start(this.#size, this.#room());
    await this.#life.until(() => !this.#workers.some((worker) => worker.isStarting));
    this.#life.letGo();
  }

  /** Workers end when all is done. */
  close(): void {
    if (this.#state === 'open') this.#state = 'closed';
    this.#pumpSoon();
    this.#life.changed();
  }

  /** Settles everything that waits, and ends all workers: SIGTERM, grace, SIGKILL. */
  terminate(): void {
    this.#state = 'terminated';
    const verdict: JobOutcome = { kind: 'pool-terminated' };
    for (const job of this.#queue.drain()) job.settle(verdict);
    for (const worker of this.#workers) worker.stop(verdict);
    this.#pumpSoon();
  }

  /** Resolves when it was closed or terminated and nothing is left of any worker. */
  async done(): Promise<void> {
    await this.#life.until(
      () => this.#state !== 'open' && this.#workers.length === 0 && !this.#life.hasJobs,
    );
    this.#life.letGo();
  }

  /** SIGKILL to every group at once; synchronous, for use while the process exits. */
  kill(): void {
    for (const worker of this.#workers) worker.kill();
  }

  readonly #oneSettled = (): void => this.#life.jobSettled();

  ready(_worker: PoolWorker): void {
    this.#restarts.cameUp();
    this.#pump();
    this.#life.changed();
  }

  progressed(worker: PoolWorker): void {
    if (worker.hasTakenJobs) this.#restarts.tookJob();
    if (worker.answeredCount > 0) noteCost(worker);
    this.#pump();
  }

  givenBack(jobs: readonly Job[]): void {
    // Cancelled on its way to a worker that then did not take it.
    for (const job of jobs) if (job.verdict !== undefined) job.settle(job.verdict);
    const wanted = jobs.filter((job) => !job.isSettled);
    for (const job of wanted) job.worker = undefined;
    if (this.#state === 'terminated') {
      for (const job of wanted) job.settle({ kind: 'pool-terminated' });
    } else if (this.#broken !== undefined) {
      for (const job of wanted) job.settle(this.#broken);
    } else if (wanted.length > 0) this.#queue.unshift(wanted);
    this.#pumpSoon();
  }

  gone(worker: PoolWorker, how: Exit): void {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    for (const each of this.#workers) {
      if (each.predecessor === worker) each.predecessor = undefined;
    }
    const isClean = how.exitCode === 0 || how.exitCode === recycledCode || worker.wasCalledOff;
    const failure = worker.startFailure(how);
    if ((!isClean || failure !== undefined) && this.#state !== 'terminated') {
      this.#hasLostWorker = true;
      const last = failure ?? { pid: worker.pid, ...how, stderr: '' };
      const count = this.#restarts.lost(failure !== undefined, worker.hasTakenJobs);
      if (count !== undefined) this.#break(count, last);
    }
    this.#options.workerDown?.(worker, how);
    this.#pump();
    this.#life.changed();
  }

  /** Starting others would only repeat it: what waits is told, what runs may end. */
  #break(count: number, failure: StartFailure): void {
    if (this.#broken !== undefined) return;
    const broken = { kind: 'broken', count, failure } as const;
    this.#broken = broken;
    for (const worker of this.#workers) {
      if (worker.isStarting) worker.kill();
      worker.retire();
    }
    for (const job of this.#queue.drain()) job.settle(broken);
  }

  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Hands out what can be handed out, starts workers for the rest, ends those that are done. */
  #pump(): void {
    const passedOver: Job[] = [];
    for (let job = this.#queue.peek(); job !== undefined; job = this.#queue.peek()) {
      const worker = chooseWorker(job, this.#workers, this.#options.maxDepth);
      const isFresh = job.traits.isFresh === true;
      if (worker === undefined && !isFresh) break;
      this.#queue.shift();
      if (worker === undefined) {
        // It waits for a worker of its own, and nobody has to wait for that.
        passedOver.push(job);
        this.#makeRoom();
        continue;
      }
      worker.isFilling = true;
      worker.give(job);
    }
    if (passedOver.length > 0) this.#queue.unshift(passedOver);
    if (this.#queue.size > 0 && this.#state !== 'terminated') this.#startForWaiting();
    const isOver = this.#state !== 'open' && !this.#life.hasJobs;
    for (const worker of this.#workers) {
      worker.isFilling = false;
      worker.flush();
      if (isOver || this.#broken !== undefined) worker.retire();
      worker.endIfDone(this.#state === 'open' ? recycledCode : 0);
    }
    this.#quiet.watchIdle();
    this.#quiet.lookSoon();
  }

  /** A job that wants a fresh worker takes the place of an idle one. */
  #makeRoom(): void {
    const lasting = this.#workers.filter((worker) => worker.isLasting);
    if (lasting.length < this.#size || lasting.some((worker) => worker.isStarting)) return;
    lasting.find((worker) => worker.load === 0 && !worker.isUnused)?.retire();
  }

  #startForWaiting(): void {
    const starting = this.#workers.filter((worker) => worker.isStarting).length;
    const room = this.#room();
    // Counting takes long if very many wait, and does not matter where there is no room.
    if (room > 0) this.#start(this.#queue.wantedCount() - starting, room);
  }

  /** How many workers may be started. */
  #room(): number {
    return this.#size - this.#workers.filter((each) => each.isLasting || each.isFailing).length;
  }

  #start(wanted: number, room: number): void {
    const count = Math.min(wanted, room);
    for (let started = 0; started < count && this.#broken === undefined; started++) {
      this.#startOne();
    }
  }

  #startOne(): void {
    const taken = new Set(this.#workers.filter((each) => each.isLasting).map((each) => each.index));
    let index = 0;
    while (taken.has(index)) index += 1;
    const { program, patience, maxMemory, maxDepth } = this.#options;
    const { maxJobs = Number.POSITIVE_INFINITY } = this.#options;
    let worker: PoolWorker;
    try {
      const parts = { program, patience, owner: this, index, maxMemory, maxJobs, maxDepth };
      worker = new PoolWorker(parts);
    } catch (error) {
      const how = { pid: undefined, exitCode: null, signal: null, stderr: '' };
      this.#break(1, { ...how, error: imageOf(error) });
      return;
    }
    // Of several on their way out only the latest may still have a job.
    worker.predecessor = this.#workers.findLast((each) => each.index === index);
    this.#workers.push(worker);
    this.#options.workerUp?.(worker);
  }
}
