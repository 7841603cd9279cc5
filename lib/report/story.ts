import { unreachable } from '../base/unreachable.ts';
import type { Place } from '../model/place.ts';
import type { RunCounts, RunEvent } from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { EndState } from '../model/state.ts';

/** What has become of one task in one run. */
export interface TaskStory {
  readonly run: number;
  readonly name: string;
  readonly isGroup: boolean;
  readonly deps: readonly string[];
  readonly args: Readonly<Record<string, string>> | undefined;
  /** How long it took the last times, in milliseconds, if that is known. */
  readonly estimateMs: number | undefined;
  /** The times are milliseconds of the clock of the events. */
  startedAt?: number;
  endedAt?: number;
  reasons: readonly StaleReason[];
  /** Which of those that ran at the same time it was, from 1 on: one lane for each slot in use. */
  lane?: number;
  /** When attempts of it failed that were followed by another. */
  readonly retriedAt: number[];
  /** Undefined while it has not ended. */
  state?: EndState;
  place?: Place;
}

/** What has become of one run. */
export interface RunStory {
  readonly run: number;
  readonly startedAt: number;
  /** Undefined while it has not ended. */
  counts?: RunCounts;
  endedAt?: number;
}

/** All that has happened, for pictures of it. */
export class Story {
  readonly runs: Map<number, RunStory> = new Map();
  /** In the order in which they were wanted. */
  readonly tasks: Map<string, TaskStory> = new Map();
  readonly #busyLanes = new Set<number>();

  take(event: RunEvent): void {
    switch (event.event) {
      case 'run-started':
        this.runs.set(event.run, { run: event.run, startedAt: event.at });
        break;
      case 'task-wanted': {
        const { run, task: name, isGroup, deps, args, estimateMs } = event;
        const facts = { run, name, isGroup, deps, args, estimateMs };
        this.tasks.set(keyOf(event), { ...facts, reasons: [], retriedAt: [] });
        break;
      }
      case 'task-started':
        this.#start(event);
        break;
      case 'task-retried':
        this.tasks.get(keyOf(event))?.retriedAt.push(event.at);
        break;
      case 'task-ended':
        this.#end(event);
        break;
      case 'task-foreseen':
        this.#foresee(event);
        break;
      case 'run-ended': {
        const run = this.runs.get(event.run);
        if (run !== undefined) Object.assign(run, { counts: event.counts, endedAt: event.at });
        break;
      }
      case 'output':
      case 'warning':
      case 'dry-run-ended':
        break;
      default:
        unreachable(event);
    }
  }

  /** A task of a run, if it was wanted. */
  task(run: number, name: string): TaskStory | undefined {
    return this.tasks.get(keyOf({ run, task: name }));
  }

  /** What a dry run tells belongs to run 0. */
  #foresee(event: Extract<RunEvent, { event: 'task-foreseen' }>): void {
    const { at, task: name, isGroup, deps, reasons, forecast } = event;
    const run = 0;
    if (!this.runs.has(run)) this.runs.set(run, { run, startedAt: at });
    const facts = { run, name, isGroup, deps, args: undefined, estimateMs: undefined };
    this.tasks.set(keyOf({ run, task: name }), {
      ...facts,
      reasons,
      retriedAt: [],
      ...(forecast === 'up-to-date' && { state: { kind: forecast } }),
    });
  }

  #start(event: Extract<RunEvent, { event: 'task-started' }>): void {
    const task = this.tasks.get(keyOf(event));
    if (task === undefined) return;
    let lane = 1;
    while (this.#busyLanes.has(lane)) lane++;
    this.#busyLanes.add(lane);
    Object.assign(task, { startedAt: event.at, reasons: event.reasons, lane });
  }

  #end(event: Extract<RunEvent, { event: 'task-ended' }>): void {
    const task = this.tasks.get(keyOf(event));
    if (task === undefined) return;
    if (task.lane !== undefined) this.#busyLanes.delete(task.lane);
    task.endedAt = event.at;
    task.state = event.state;
    if (event.place !== undefined) task.place = event.place;
  }
}

function keyOf({ run, task }: { readonly run: number; readonly task: string }): string {
  return `${run} ${task}`;
}
