import { unreachable } from '../base/unreachable.ts';
import type { Place } from '../model/place.ts';
import { type EventOfRun, isOfRun, type RunCounts, type RunEvent } from '../model/run-event.ts';
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

/** A process that watches has one run after the other: of more tasks than this old runs are forgotten. */
const mostTasks = 10_000;

/** What has happened, for pictures of it: all of the newest runs, and the last that came of each task. */
export class Story {
  readonly runs: Map<number, RunStory> = new Map();
  /** In the order in which they were wanted. */
  readonly tasks: Map<string, TaskStory> = new Map();
  readonly #busyLanes = new Set<number>();

  take(event: RunEvent): void {
    if (isOfRun(event)) this.#takeOfRun(event);
    else if (event.event === 'task-foreseen') this.#foresee(event);
  }

  /** A task of a run, if it was wanted. */
  task(run: number, name: string): TaskStory | undefined {
    return this.tasks.get(keyOf({ run, task: name }));
  }

  #takeOfRun(event: EventOfRun): void {
    switch (event.event) {
      case 'run-started':
        this.#forgetOldRuns();
        this.runs.set(event.run, { run: event.run, startedAt: event.at });
        break;
      case 'task-wanted':
        this.#want(event);
        break;
      case 'task-started':
        this.#start(event);
        break;
      case 'task-retried':
        this.tasks.get(keyOf(event))?.retriedAt.push(event.at);
        break;
      case 'task-ended':
        this.#end(event);
        break;
      case 'run-ended': {
        const run = this.runs.get(event.run);
        if (run !== undefined) Object.assign(run, { counts: event.counts, endedAt: event.at });
        break;
      }
      case 'task-outdated':
        this.#outdate(event);
        break;
      case 'output':
        break;
      default:
        unreachable(event);
    }
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

  /** It may be wanted anew before it has ended, and may be running then. */
  #want(event: Extract<RunEvent, { event: 'task-wanted' }>): void {
    const { run, task: name, isGroup, deps, args, estimateMs } = event;
    const facts = { run, name, isGroup, deps, args, estimateMs };
    const before = this.tasks.get(keyOf(event));
    const isRunning = before?.startedAt !== undefined && before.endedAt === undefined;
    const progress = isRunning ? before : { reasons: [], retriedAt: [] };
    this.tasks.set(keyOf(event), { ...progress, ...facts });
  }

  #outdate(event: Extract<RunEvent, { event: 'task-outdated' }>): void {
    const task = this.tasks.get(keyOf(event));
    if (task === undefined) return;
    if (task.lane !== undefined) this.#busyLanes.delete(task.lane);
    const { run, name, isGroup, deps, args, estimateMs } = task;
    const facts = { run, name, isGroup, deps, args, estimateMs };
    this.tasks.set(keyOf(event), { ...facts, reasons: [], retriedAt: [] });
  }

  #forgetOldRuns(): void {
    for (const { run, endedAt } of this.runs.values()) {
      if (this.tasks.size <= mostTasks || endedAt === undefined) return;
      this.runs.delete(run);
      for (const [key, task] of this.tasks) if (task.run === run) this.tasks.delete(key);
    }
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
