import { reasonsText } from './reason-text.ts';
import { isShown, type Story, type TaskStory } from './story.ts';
import { safeName } from './terminal-safe.ts';
import { keyOf, rowLabel, sortedRows, type TimelineRow } from './timeline-rows.ts';

type TraceEvent = Readonly<Record<string, unknown>>;

/**
 * What has happened as a trace in Chrome's format, for Perfetto and `chrome://tracing`: one process
 * per run, one thread per worker and for what ran in gulp's own process, one slice per task and attempt.
 */
export function timelineText(story: Story): string {
  const tasks = [...story.tasks.values()];
  const rows = sortedRows(tasks.flatMap(({ stays }) => stays.map(({ row }) => row)));
  const tids = new Map(rows.map((row, index) => [keyOf(row), index + 1]));
  const slices: Slice[] = tasks.flatMap((task) =>
    task.stays.flatMap(({ row, pid, from, until }) => {
      if (until === undefined || !isShown(task, until - from)) return [];
      return [{ task, pid, from, until, tid: tids.get(keyOf(row)) ?? 0 }];
    }),
  );
  const traceEvents = [
    ...namesOf(story, slices, rows),
    ...slices.map(eventOf),
    ...slices.flatMap(retryOf),
    ...[...story.runs.keys()].flatMap((run) =>
      loadOf(slices.filter(({ task }) => task.run === run)),
    ),
  ];
  const text = JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
  return `${safeName(text)}\n`;
}

interface Slice {
  readonly task: TaskStory;
  readonly tid: number;
  readonly pid: number;
  readonly from: number;
  readonly until: number;
}

function namesOf(
  story: Story,
  slices: readonly Slice[],
  rows: readonly TimelineRow[],
): TraceEvent[] {
  return [...story.runs.keys()].flatMap((run) => {
    const used = new Set(slices.flatMap(({ task, tid }) => (task.run === run ? [tid] : [])));
    const threads = rows.flatMap((row, index) => {
      const tid = index + 1;
      if (!used.has(tid)) return [];
      const order = { ph: 'M', name: 'thread_sort_index', pid: run, tid };
      return [
        named('thread_name', run, tid, rowLabel(row)),
        { ...order, args: { sort_index: index } },
      ];
    });
    return [named('process_name', run, 0, `run ${run}`), ...threads];
  });
}

function named(what: string, pid: number, tid: number, name: string): TraceEvent {
  return { ph: 'M', name: what, pid, tid, args: { name } };
}

function eventOf({ task, tid, pid, from, until }: Slice): TraceEvent {
  const { run, name, state, reasons } = task;
  return {
    ph: 'X',
    name,
    cat: state?.kind ?? 'running',
    pid: run,
    tid,
    ts: micros(from),
    dur: micros(until) - micros(from),
    ...(state?.kind === 'failed' && { cname: 'terrible' }),
    args: {
      state: state?.kind,
      process: pid,
      ...(reasons.length > 0 && { why: reasonsText(reasons) }),
      ...(task.estimateMs !== undefined && { expectedMs: Math.round(task.estimateMs) }),
    },
  };
}

/** An attempt after which there was another. */
function retryOf({ task, tid, until }: Slice): TraceEvent[] {
  const { run: pid, name, retriedAt } = task;
  if (!retriedAt.includes(until)) return [];
  return [{ ph: 'i', s: 't', name: `${name}: again`, cat: 'retry', pid, tid, ts: micros(until) }];
}

/** How many tasks ran at the same time. */
function loadOf(slices: readonly Slice[]): TraceEvent[] {
  const steps = slices
    .flatMap(({ task: { run }, from, until }) => [
      { run, at: from, by: 1 },
      { run, at: until, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let running = 0;
  return steps.map(({ run: pid, at, by }) => {
    running += by;
    return { ph: 'C', name: 'running tasks', pid, tid: 0, ts: micros(at), args: { running } };
  });
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}
