import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import { isPause, type NestedCall } from '../model/nested-call.ts';
import type { TaskNode } from '../model/node.ts';
import type { ReadyWhen } from '../model/service.ts';
import { PausableTimer } from '../pool/pausable-timer.ts';
import type { TaskHooks, TaskReport } from '../pool/task-pool.ts';
import type { Attempt } from './effects.ts';
import { Readiness, type ReadinessEffects } from './readiness.ts';

/** What a running service needs of the outside world. */
export interface RunningEffects extends ReadinessEffects {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Runs the action until it ends or the signal of the attempt is aborted. Never rejects. */
  run(node: TaskNode, attempt: Attempt, hooks: TaskHooks): Promise<TaskReport>;
}

/** With what a service is started. */
export interface ServiceStart {
  readonly node: TaskNode;
  readonly readyWhen: ReadyWhen;
  readonly attempt: Attempt;
  /** Whom it talks to until it is ready. */
  readonly hooks: TaskHooks;
  /** How long it may take to be ready, in milliseconds; undefined: as long as it likes. */
  readonly limitMs: number | undefined;
  /** Tells all that it is started from. */
  readonly digest: string;
  /** What it writes from when on it is ready. */
  readonly onOutput: TaskHooks['onOutput'];
}

/** How a service ended that had been ready. */
export interface ServiceEnd {
  readonly hasDied: boolean;
  /** How it died, unless it came to its end by itself without anything being wrong. */
  readonly failure: TaskFailure | undefined;
  /** Since it was ready, in milliseconds. */
  readonly tookMs: number;
}

/** One execution of a service, from its start until nothing of it is left. */
export class RunningService {
  readonly digest: string;
  /** Resolves when nothing of it is left; undefined if it never was ready. */
  readonly gone: Promise<ServiceEnd | undefined>;
  readonly #start: ServiceStart;
  readonly #effects: RunningEffects;
  readonly #stop = new AbortController();
  #readiness: Readiness | undefined;
  readonly #ready: Promise<void>;
  #timer: PausableTimer | undefined;
  readonly #running: Promise<TaskReport>;
  readonly #cancel = (): void => this.stop();
  #readySince: number | undefined;
  #isLate = false;
  #hasAsked = false;

  constructor(start: ServiceStart, effects: RunningEffects) {
    const { node, readyWhen, attempt, digest } = start;
    this.digest = digest;
    this.#start = start;
    this.#effects = effects;
    this.#ready = new Promise((resolve) => {
      this.#readiness = new Readiness(readyWhen, effects, () => {
        this.#becomeReady();
        resolve();
      });
    });
    attempt.signal.addEventListener('abort', this.#cancel);
    const hooks: TaskHooks = {
      onOutput: (stream, text) => this.#take(stream, text),
      onStarted: (by) => {
        this.#startTimer();
        if (this.#readySince === undefined) start.hooks.onStarted?.(by);
      },
      onCall: (call) => this.#answer(call),
    };
    this.#running = effects.run(node, { ...attempt, signal: this.#stop.signal }, hooks);
    this.gone = this.#running.then(({ outcome }) => this.#endOf(outcome));
  }

  /** Whether it is ready and not about to end. */
  get isAlive(): boolean {
    return this.#readySince !== undefined && !this.#stop.signal.aborted;
  }

  /** Whether its digest does not tell all that it was started from: it has asked for things itself. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /** Tells it to end. */
  stop(): void {
    this.#stop.abort();
  }

  /** Settles when it is ready, which is its success, or has ended before. Never rejects. */
  async begun(): Promise<TaskReport> {
    await Promise.race([this.#running, this.#ready]);
    this.#stopWaiting();
    if (this.#readySince !== undefined) {
      // Which params it has read cannot be told before it ends.
      return { ...reportOf({ kind: 'succeeded', value: undefined }), paramsRead: ['*'] };
    }
    return this.#unready(await this.#running);
  }

  /** The start of its worker is not counted. */
  #startTimer(): void {
    const { limitMs } = this.#start;
    if (limitMs === undefined || this.#readySince !== undefined) return;
    this.#timer?.stop();
    this.#timer = new PausableTimer(this.#effects, limitMs, () => {
      this.#isLate = true;
      this.stop();
    });
  }

  #becomeReady(): void {
    if (this.#stop.signal.aborted) return;
    this.#readySince = this.#effects.now();
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    this.#readiness?.end();
    this.#timer?.stop();
    this.#start.attempt.signal.removeEventListener('abort', this.#cancel);
  }

  /** What became of it if it is not ready and will not be. */
  #unready(report: TaskReport): TaskReport {
    const { readyWhen, limitMs } = this.#start;
    const { outcome } = report;
    if (this.#isLate && limitMs !== undefined && outcome.kind === 'cancelled') {
      return notReady({ readyWhen, why: 'limit', limitMs });
    }
    const isOver = outcome.kind === 'failed' && outcome.failure.reason === 'never-completed';
    return isOver ? notReady({ readyWhen, why: 'ended' }) : report;
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    const { hooks, onOutput } = this.#start;
    if (this.#readySince === undefined) hooks.onOutput(stream, text);
    else onOutput(stream, text);
    this.#readiness?.take(stream, text);
  }

  /** Clocks stand still from the question to the answer. */
  async #answer(call: NestedCall): Promise<unknown> {
    const { node, hooks } = this.#start;
    if (this.#readySince !== undefined) {
      throw new Error(`'${node.name}' is ready: a service asks for nothing after that.`);
    }
    this.#hasAsked = true;
    if (!isPause(call)) return hooks.onCall(call);
    this.#timer?.pause();
    try {
      return await hooks.onCall(call);
    } finally {
      this.#timer?.resume();
    }
  }

  #endOf(outcome: TaskOutcome): ServiceEnd | undefined {
    if (this.#readySince === undefined) return undefined;
    // The pool tells of `cancelled` too when all of it is ended.
    const hasDied = !this.#stop.signal.aborted && outcome.kind !== 'cancelled';
    const tookMs = this.#effects.now() - this.#readySince;
    return { hasDied, failure: hasDied ? failureOf(outcome) : undefined, tookMs };
  }
}

/** What a service comes to that could not become ready. */
export function notReady(
  rest: Omit<Extract<TaskFailure, { reason: 'not-ready' }>, 'reason'>,
): TaskReport {
  return reportOf({ kind: 'failed', failure: { reason: 'not-ready', ...rest } });
}

/** What is wrong with an end that nobody had asked for. */
function failureOf(outcome: TaskOutcome): TaskFailure | undefined {
  const failure = outcome.kind === 'failed' ? outcome.failure : undefined;
  // Nothing was left to be done: it has ended as programs do.
  return failure?.reason === 'never-completed' ? undefined : failure;
}

function reportOf(outcome: TaskOutcome): TaskReport {
  return { outcome, paramsRead: [], discovered: [] };
}
