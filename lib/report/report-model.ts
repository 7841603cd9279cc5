import { placeText } from '../model/place.ts';
import type { StaleReason } from '../model/stale-reason.ts';
import {
  type Advice,
  adviceOn,
  type CriticalStep,
  criticalPathOf,
  longestChain,
  type TimedTask,
} from './critical-path.ts';
import { failureText } from './failure-text.ts';
import { reasonText } from './reason-text.ts';
import type { Story, TaskStory } from './story.ts';
import { safeText } from './terminal-safe.ts';
import { keyOf as keyOfRow, rowLabel, sortedRows } from './timeline-rows.ts';

/** All that the page of `--report` is told; times are milliseconds since its first run began. */
export interface ReportModel {
  readonly title: string;
  /** When it was made, for people. */
  readonly madeAt: string;
  readonly slotCount: number;
  /** Whether it is of a dry run, in which nothing has happened. */
  readonly isForecast: boolean;
  readonly tookMs: number;
  /** The rows of the timeline: one for each worker, and for what ran in gulp's own process. */
  readonly rows: readonly string[];
  readonly tasks: readonly ReportTask[];
  /** What the build had to wait for, from the beginning to its end. */
  readonly critical: readonly CriticalStep[];
  /** The chain of deps that took longest, deps first, and how long that was. */
  readonly chain: readonly number[];
  readonly chainMs: number;
  readonly advice: readonly Advice[];
}

/** One task of one run. */
export interface ReportTask {
  readonly name: string;
  readonly run: number;
  readonly isGroup: boolean;
  /** As in events, `running`, `wanted`, what a dry run foresees, and `restored` for what is up to date since its outputs were put back. */
  readonly state: string;
  /** Indices of tasks. */
  readonly deps: readonly number[];
  readonly reasons: readonly string[];
  /** Absent if it did not run. */
  readonly startMs?: number;
  readonly tookMs?: number;
  /** Where it ran: for each attempt one. */
  readonly stays?: readonly ReportStay[];
  readonly estimateMs?: number;
  readonly args?: Readonly<Record<string, string>>;
  readonly place?: string;
  /** What went wrong, or why it did not run. */
  readonly note?: string;
  readonly log?: string;
}

/** What of a task went on in one process. */
export interface ReportStay {
  /** Index of the row. */
  readonly row: number;
  /** The process. */
  readonly pid: number;
  readonly startMs: number;
  /** Absent if it goes on. */
  readonly tookMs?: number;
}

/** What a report is made from beside the story. */
export interface ReportFacts {
  readonly title: string;
  readonly madeAt: string;
  readonly slotCount: number;
  /** What a task wrote, shortened. */
  readonly logOf: (run: number, name: string) => string | undefined;
}

/** The model of a story. */
export function reportModel(story: Story, facts: ReportFacts): ReportModel {
  const stories = [...story.tasks.values()];
  const begin = Math.min(...[...story.runs.values()].map(({ startedAt }) => startedAt));
  const indices = new Map(stories.map((task, index) => [keyOf(task.run, task.name), index]));
  const rows = sortedRows(stories.flatMap(({ stays }) => stays.map(({ row }) => row)));
  const rowIndices = new Map(rows.map((row, index) => [keyOfRow(row), index]));
  const tasks = stories.map((task) => ({
    ...taskOf(task, indices, begin, facts),
    ...staysOf(task, rowIndices, begin),
  }));
  const timed = tasks.map(timedOf);
  const critical = criticalPathOf(timed);
  const chain = longestChain(timed);
  const { title, madeAt, slotCount } = facts;
  const spans = [...story.runs.values()].map(({ startedAt, endedAt }) =>
    endedAt === undefined ? 0 : endedAt - startedAt,
  );
  return {
    title,
    madeAt,
    slotCount,
    isForecast: stories.some(({ forecast }) => forecast !== undefined),
    tookMs: rounded(spans.reduce((sum, span) => sum + span, 0)),
    rows: rows.map(rowLabel),
    tasks,
    critical,
    chain: chain.tasks,
    chainMs: rounded(chain.tookMs),
    advice: adviceOn(timed, critical, slotCount).map(({ task, savesMs }) => {
      return { task, savesMs: rounded(savesMs) };
    }),
  };
}

function timedOf({ isGroup, startMs, tookMs, deps }: ReportTask): TimedTask {
  const hasRun = startMs !== undefined && tookMs !== undefined && !isGroup;
  return { span: hasRun ? { startMs, endMs: startMs + tookMs } : undefined, deps };
}

function taskOf(
  task: TaskStory,
  indices: ReadonlyMap<string, number>,
  begin: number,
  { logOf }: ReportFacts,
): ReportTask {
  const { name, run, isGroup, startedAt, endedAt, estimateMs, args, place } = task;
  const note = noteOf(task);
  const log = logOf(run, name);
  return {
    name,
    run,
    isGroup,
    state: stateOf(task),
    deps: task.deps.flatMap((dep) => indices.get(keyOf(run, dep)) ?? []),
    reasons: reasonsOf(task).map(reasonText),
    ...(startedAt !== undefined && { startMs: rounded(startedAt - begin) }),
    ...(startedAt !== undefined &&
      endedAt !== undefined && { tookMs: rounded(endedAt - startedAt) }),
    ...(estimateMs !== undefined && { estimateMs: rounded(estimateMs) }),
    ...(args !== undefined && { args }),
    ...(place !== undefined && { place: placeText(place) }),
    ...(note !== undefined && { note }),
    ...(log !== undefined && { log }),
  };
}

function stateOf({ state, startedAt, forecast }: TaskStory): string {
  if (state?.kind === 'up-to-date' && state.restored !== undefined) return 'restored';
  if (state === undefined && forecast !== undefined) return forecast;
  return state?.kind ?? (startedAt === undefined ? 'wanted' : 'running');
}

/** Why it ran, or would have if its outputs had not been put back. */
function reasonsOf({ state, reasons }: TaskStory): readonly StaleReason[] {
  return state?.kind === 'up-to-date' && state.restored !== undefined ? state.restored : reasons;
}

function staysOf(
  { stays }: TaskStory,
  rowIndices: ReadonlyMap<string, number>,
  begin: number,
): Pick<ReportTask, 'stays'> {
  if (stays.length === 0) return {};
  return {
    stays: stays.map(({ row, pid, from, until }) => {
      const place = {
        row: rowIndices.get(keyOfRow(row)) ?? 0,
        pid,
        startMs: rounded(from - begin),
      };
      return until === undefined ? place : { ...place, tookMs: rounded(until - from) };
    }),
  };
}

function noteOf({ state }: TaskStory): string | undefined {
  if (state?.kind === 'failed') return safeText(failureText(state.failure), false);
  if (state?.kind === 'dependency-failed') return `not run: ${state.cause} failed`;
  return state?.kind === 'skipped' ? state.reason : undefined;
}

function keyOf(run: number, name: string): string {
  return `${run} ${name}`;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
