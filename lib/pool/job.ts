import type { ErrorImage } from '../model/error-image.ts';
import { JobLimits } from './job-limits.ts';
import type { Mode } from './records.ts';
import type { Encoded } from './value-codec.ts';

/** A function that workers are told of once, and what is known of it. */
export interface FunctionEntry {
  /** Unique in this process. */
  readonly id: number;
  /** Handed to the program's `resolve`. */
  readonly definition: unknown;
  /** What its calls have taken lately, alone or among those of one `map`. */
  readonly cost: Cost;
}

/** What jobs of one kind have taken lately, in milliseconds; grows quickly and shrinks slowly. */
export interface Cost {
  ms: number | undefined;
}

/** The worker that a job runs in, for whoever wants to know. */
export interface WorkerView {
  readonly pid: number;
  /** Its slot, from 0; replacements take over the slot. */
  readonly index: number;
}

/** How a job ended. A value: what it means to the caller is decided elsewhere. */
export type JobOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  /** `done` are the results of the items before the one that threw. */
  | { readonly kind: 'threw'; readonly error: ErrorImage; readonly done: readonly unknown[] }
  | { readonly kind: 'unsendable'; readonly path: string; readonly message: string }
  | { readonly kind: 'never-completed' }
  | { readonly kind: 'timed-out'; readonly limitMs: number }
  | {
      readonly kind: 'lost';
      readonly pid: number | undefined;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly stderr: string;
    }
  | { readonly kind: 'terminated'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'cancelled' }
  /** No worker comes up any more: how the last one failed to. */
  | { readonly kind: 'broken'; readonly count: number; readonly failure: StartFailure }
  | { readonly kind: 'pool-terminated' };

/** Why a worker did not come up. */
export interface StartFailure {
  /** What its program threw, if it did. */
  readonly error?: ErrorImage;
  readonly pid: number | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
}

/** Who wants to know what becomes of a job. */
export interface JobClient {
  /** Called exactly once. After a lost worker or a limit, its process group is gone by then. */
  settled(outcome: JobOutcome): void;
  /** The worker has taken the job up; only told of exclusive jobs. May come again after a retry. */
  started?(worker: WorkerView): void;
  /** The soft limit has passed and the job's signal was aborted. */
  softLimitPassed?(limitMs: number): void;
  /** Output, in order, all of it before `settled`; only where the program takes output. */
  output?(stream: 'stdout' | 'stderr', text: string): void;
  /** The answer to `currentJob().ask(question)`. */
  asked?(question: unknown): unknown;
}

/** What a job is, besides its function and arguments. */
export interface JobTraits {
  /** Alone in its worker: can be limited, cancelled and terminated without harm to others. */
  readonly isExclusive: boolean;
  readonly softLimitMs?: number | undefined;
  readonly hardLimitMs?: number | undefined;
  /** A worker that has run a job with this key is preferred. */
  readonly affinity?: string | undefined;
  /** Wants a worker that has run nothing, which ends after it. */
  readonly isFresh?: boolean | undefined;
  /** How long what a dead worker has still sent is waited for; that of the pool unless given. */
  readonly drainMs?: number | undefined;
  /** Told to the job; 1 unless given. */
  readonly attempt?: number | undefined;
}

const noTraits: JobTraits = { isExclusive: false };

let lastId = 0;

/**
 * One call in the pool, from its submission until it is settled. There may be very many at a time:
 * what each has is kept small.
 */
export abstract class Job {
  readonly id: number = ++lastId;
  readonly fn: FunctionEntry;
  readonly mode: Mode;
  /** An array, encoded; or a Buffer that is the only argument, if the mode says so. */
  readonly args: Encoded;
  readonly traits: JobTraits;
  readonly limits: JobLimits | undefined;
  /** How it is to end, whatever its worker still says. */
  verdict: JobOutcome | undefined;
  /** The worker that has it. */
  worker: object | undefined;
  isSettled = false;
  /** How many workers have ended, or given up, that it was the next job of. */
  setbacks = 0;
  /** For the crew that has taken it on. */
  whenSettled: (() => void) | undefined;

  constructor(call: Pick<Job, 'fn' | 'mode' | 'args'>, traits: JobTraits = noTraits) {
    this.fn = call.fn;
    this.mode = call.mode;
    this.args = call.args;
    this.traits = traits;
    const { softLimitMs, hardLimitMs } = traits;
    this.limits =
      softLimitMs === undefined && hardLimitMs === undefined
        ? undefined
        : new JobLimits(softLimitMs, hardLimitMs);
  }

  /** Whoever waits for it; user code may be called. */
  abstract get client(): JobClient;

  settle(outcome: JobOutcome): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.limits?.stop();
    this.client.settled(this.verdict ?? outcome);
    this.whenSettled?.();
  }
}

/** A job that somebody else waits for. */
export class ClientJob extends Job {
  readonly #client: JobClient;

  constructor(
    call: Pick<Job, 'fn' | 'mode' | 'args'>,
    client: JobClient,
    traits: JobTraits | undefined,
  ) {
    super(call, traits);
    this.#client = client;
  }

  override get client(): JobClient {
    return this.#client;
  }
}
