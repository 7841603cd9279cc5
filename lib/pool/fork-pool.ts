import { imageOf } from '../model/error-image.ts';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import type { TaskHooks, TaskPool, TaskReport, TaskRequest, TaskTerms } from './task-pool.ts';
import { Worker } from './worker.ts';
import type { WorkerOptions } from './worker-process.ts';

/** A pool whose workers start when a task waits and stay for the next one. */
export function openForkPool(options: WorkerOptions): TaskPool {
  return new ForkPool(options);
}

class ForkPool implements TaskPool {
  readonly #options: WorkerOptions;
  readonly #all = new Set<Worker>();
  readonly #starting = new Set<Worker>();
  readonly #idle = new Set<Worker>();
  /** `broken`: a worker could not be started, and no other is tried; what runs may end. */
  #state: 'open' | 'broken' | 'cancelled' = 'open';

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async run(request: TaskRequest, terms: TaskTerms, hooks: TaskHooks): Promise<TaskReport> {
    if (this.#state !== 'open') return unreported({ kind: 'cancelled' });
    const idle = terms.isolate ? undefined : this.#takeIdle(request.definition);
    const worker = idle ?? (await this.#open());
    if (!(worker instanceof Worker)) return unreported(worker);
    const report = await worker.run(request, terms, hooks);
    if (worker.isUsable) this.#idle.add(worker);
    // A task that was cut short is not to blame for failing, nor to be believed that it succeeded.
    return this.#isCancelled() ? unreported({ kind: 'cancelled' }) : report;
  }

  async cancel(): Promise<void> {
    this.#state = 'cancelled';
    await Promise.all([...this.#all].map((worker) => worker.stop()));
  }

  kill(): void {
    for (const worker of this.#all) worker.kill();
  }

  #isCancelled(): boolean {
    return this.#state === 'cancelled';
  }

  /** The idle worker that is warm for the task, else the one that is warm for least. */
  #takeIdle(definition: string): Worker | undefined {
    const [chosen] = [...this.#idle]
      .filter((worker) => worker.isUsable)
      .sort(
        (a, b) =>
          Number(b.hasRun(definition)) - Number(a.hasRun(definition)) || a.warmth - b.warmth,
      );
    if (chosen !== undefined) this.#idle.delete(chosen);
    return chosen;
  }

  /** A ready worker, or what comes of a task that has got none. */
  async #open(): Promise<Worker | TaskOutcome> {
    let worker: Worker;
    try {
      worker = new Worker(this.#options);
    } catch (error) {
      return this.#break(noProcess(error));
    }
    this.#all.add(worker);
    this.#starting.add(worker);
    void worker.gone.then(() => {
      this.#all.delete(worker);
      this.#idle.delete(worker);
    });
    const start = await worker.started;
    this.#starting.delete(worker);
    if (this.#state !== 'open') return { kind: 'cancelled' };
    return start.kind === 'ready' ? worker : this.#break(start.failure, worker);
  }

  /** One error is told; starting the others would only repeat it. */
  #break(failure: TaskFailure, worker?: Worker): TaskOutcome {
    this.#state = 'broken';
    worker?.kill();
    for (const other of this.#starting) other.kill();
    return { kind: 'failed', failure };
  }
}

function unreported(outcome: TaskOutcome): TaskReport {
  return { outcome, paramsRead: [], discovered: [] };
}

function noProcess(thrown: unknown): TaskFailure {
  const error = imageOf(thrown);
  return { reason: 'worker-start-failed', error, exitCode: null, signal: null, stderr: '' };
}
