import { unreachable } from '../base/unreachable.ts';
import type { Place } from '../model/place.ts';
import {
  type EventOfRun,
  type Forecast,
  isOfRun,
  type RunCounts,
  type RunEvent,
} from '../model/run-event.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import type { EndState } from '../model/state.ts';
import { type TimelineRow, TimelineRows } from './timeline-rows.ts';

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
  /** Where it ran: for each attempt one. */
  readonly stays: Stay[];
  /** When attempts of it failed that were followed by another. */
  readonly retriedAt: number[];
  /** Undefined while it has not ended. */
  state?: EndState;
  /** What a dry run says would become of it. */
  forecast?: Forecast;
  place?: Place;
}

/** What of a task went on in one process. */
export interface Stay {
  readonly row: TimelineRow;
  /** The process. */
  readonly pid: number;
  /** The times are milliseconds of the clock of the events. */
  readonly from: number;
  /** Undefined while it goes on. */
  until?: number;
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
  readonly #rows = new TimelineRows();

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
        this.#retry(event);
        break;
      case 'task-taken-up':
        this.#takeUp(event);
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
    const { at, task: name, isGroup, deps, reasons, forecast, estimateMs } = event;
    const run = 0;
    if (!this.runs.has(run)) this.runs.set(run, { run, startedAt: at });
    const facts = { run, name, isGroup, deps, args: undefined, estimateMs };
    this.tasks.set(keyOf({ run, task: name }), {
      ...facts,
      reasons,
      retriedAt: [],
      stays: [],
      forecast,
      ...(forecast === 'up-to-date' && { state: { kind: forecast } }),
    });
  }

  /** It may be wanted anew before it has ended, and may be running then. */
  #want(event: Extract<RunEvent, { event: 'task-wanted' }>): void {
    const { run, task: name, isGroup, deps, args, estimateMs } = event;
    const facts = { run, name, isGroup, deps, args, estimateMs };
    const before = this.tasks.get(keyOf(event));
    const isRunning = before?.startedAt !== undefined && before.endedAt === undefined;
    const progress = isRunning ? before : nothingYet();
    this.tasks.set(keyOf(event), { ...progress, ...facts });
  }

  #outdate(event: Extract<RunEvent, { event: 'task-outdated' }>): void {
    const task = this.tasks.get(keyOf(event));
    if (task === undefined) return;
    this.#leave(task, event.at);
    const { run, name, isGroup, deps, args, estimateMs } = task;
    const facts = { run, name, isGroup, deps, args, estimateMs };
    this.tasks.set(keyOf(event), { ...facts, ...nothingYet() });
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
    Object.assign(task, { startedAt: event.at, reasons: event.reasons });
  }

  /** Nothing else ran in that process since it was free, so the start of a worker is part of the first stay. */
  #takeUp({
    run,
    task: name,
    at,
    pid,
    worker,
  }: Extract<RunEvent, { event: 'task-taken-up' }>): void {
    const task = this.task(run, name);
    if (task?.startedAt === undefined) return;
    this.#leave(task, at);
    const { row, freeSince } = this.#rows.enter(worker);
    const from = task.stays.length > 0 ? at : Math.max(task.startedAt, freeSince);
    task.stays.push({ row, pid, from });
  }

  #retry(event: Extract<RunEvent, { event: 'task-retried' }>): void {
    const task = this.tasks.get(keyOf(event));
    if (task === undefined) return;
    this.#leave(task, event.at);
    task.retriedAt.push(event.at);
  }

  #leave({ stays }: TaskStory, at: number): void {
    const stay = stays.at(-1);
    if (stay === undefined || stay.until !== undefined) return;
    stay.until = at;
    this.#rows.leave(stay.row, at);
  }

  #end(event: Extract<RunEvent, { event: 'task-ended' }>): void {
    const task = this.tasks.get(keyOf(event));
    if (task === undefined) return;
    this.#leave(task, event.at);
    task.endedAt = event.at;
    task.state = event.state;
    if (event.place !== undefined) task.place = event.place;
  }
}

/** What is in no picture of what ran when: what only groups deps, or had nothing to do, takes no time. */
export function isShown({ isGroup }: Pick<TaskStory, 'isGroup'>, tookMs: number): boolean {
  return !isGroup || tookMs >= shortestGroupMs;
}

const shortestGroupMs = 1;

function nothingYet(): Pick<TaskStory, 'reasons' | 'retriedAt' | 'stays'> {
  return { reasons: [], retriedAt: [], stays: [] };
}

function keyOf({ run, task }: { readonly run: number; readonly task: string }): string {
  return `${run} ${task}`;
}
