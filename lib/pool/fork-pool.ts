import type { TaskOutcome } from '../model/failure.ts';
import type { OnOutput, TaskPool, TaskRequest } from './task-pool.ts';
import { Worker, type WorkerOptions } from './worker.ts';

/** A pool whose workers start when a task waits and stay for the next one. */
export function openForkPool(options: WorkerOptions): TaskPool {
  return new ForkPool(options);
}

class ForkPool implements TaskPool {
  readonly #options: WorkerOptions;
  readonly #idle = new Set<Worker>();
  readonly #all = new Set<Worker>();
  /** No worker could be started, or all were cancelled: nothing runs here any more. */
  #isClosed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async run(
    request: TaskRequest,
    limitMs: number | undefined,
    onOutput: OnOutput,
  ): Promise<TaskOutcome> {
    if (this.#isClosed) return { kind: 'cancelled' };
    const worker = this.#takeIdle(request.definition) ?? this.#open();
    const start = await worker.started;
    if (this.#isClosed) return { kind: 'cancelled' };
    if (start.kind === 'failed') {
      this.#isClosed = true;
      this.kill();
      return { kind: 'failed', failure: start.failure };
    }
    const outcome = await worker.run(request, limitMs, onOutput);
    if (worker.isAlive) this.#idle.add(worker);
    // A task that was cut short by `cancel` is not to blame for it.
    return this.#isClosed && outcome.kind === 'failed' ? { kind: 'cancelled' } : outcome;
  }

  async cancel(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((worker) => worker.stop()));
  }

  kill(): void {
    for (const worker of this.#all) worker.kill();
  }

  /** The idle worker that is warm for the task, else the one that is warm for least. */
  #takeIdle(definition: string): Worker | undefined {
    const [chosen] = [...this.#idle].sort(
      (a, b) => Number(b.hasRun(definition)) - Number(a.hasRun(definition)) || a.warmth - b.warmth,
    );
    if (chosen !== undefined) this.#idle.delete(chosen);
    return chosen;
  }

  #open(): Worker {
    const worker = new Worker(this.#options);
    this.#all.add(worker);
    void worker.exited.then(() => {
      this.#all.delete(worker);
      this.#idle.delete(worker);
    });
    return worker;
  }
}
