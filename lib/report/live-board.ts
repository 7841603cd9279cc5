import { unreachable } from '../base/unreachable.ts';
import { isOfRun, type RunEvent } from '../model/run-event.ts';
import { Outlook } from './outlook.ts';

/** A task that runs now. */
export interface RunningTask {
  readonly run: number;
  readonly name: string;
  /** Milliseconds of the clock of the events. */
  readonly since: number;
  /** How long it should take, in milliseconds, if that is known. */
  readonly estimateMs: number | undefined;
}

/** Where the runs that are under way stand. */
export class LiveBoard {
  readonly #runs = new Set<number>();
  readonly #running = new Map<string, RunningTask>();
  readonly #outlook = new Outlook();
  #total = 0;
  #done = 0;
  #failed = 0;

  take(event: RunEvent): void {
    if (!isOfRun(event)) return;
    switch (event.event) {
      case 'run-started':
        if (this.#runs.size === 0) this.#reset();
        this.#runs.add(event.run);
        break;
      case 'task-wanted':
        if (event.isGroup) break;
        // One that is wanted anew before it has ended is one still.
        if (!this.#outlook.has(keyOf(event))) this.#total++;
        this.#outlook.want(keyOf(event), event);
        break;
      case 'task-started': {
        const estimateMs = this.#outlook.estimateOf(keyOf(event));
        const { run, task: name, at: since } = event;
        this.#running.set(keyOf(event), { run, name, since, estimateMs });
        break;
      }
      case 'task-ended':
        this.#running.delete(keyOf(event));
        this.#outlook.end(keyOf(event));
        if (event.isGroup) break;
        this.#done++;
        if (event.state.kind === 'failed') this.#failed++;
        break;
      case 'task-outdated':
        this.#running.delete(keyOf(event));
        break;
      case 'run-ended':
        this.#runs.delete(event.run);
        break;
      case 'task-taken-up':
      case 'task-retried':
      case 'output':
        break;
      default:
        unreachable(event);
    }
  }

  /** So many tasks have ended in one go, of which there are no events. */
  skip(count: number): void {
    this.#total += count;
    this.#done += count;
  }

  /** Whether any run is under way. */
  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  /** Those that have run longest come first. */
  get running(): readonly RunningTask[] {
    return [...this.#running.values()];
  }

  /** How many tasks with an action there are, how many have ended, and how many of these failed. */
  get counts(): { readonly total: number; readonly done: number; readonly failed: number } {
    return { total: this.#total, done: this.#done, failed: this.#failed };
  }

  /** How many milliseconds are left, if that can be told. */
  leftMs(now: number, slotCount: number): number | undefined {
    return this.#outlook.leftMs(this.#running, now, slotCount);
  }

  #reset(): void {
    this.#running.clear();
    this.#outlook.clear();
    this.#total = 0;
    this.#done = 0;
    this.#failed = 0;
  }
}

function keyOf({ run, task }: { readonly run: number; readonly task: string }): string {
  return `${run} ${task}`;
}
