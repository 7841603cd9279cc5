import { reasonsText } from './reason-text.ts';
import type { Story, TaskStory } from './story.ts';
import { safeName } from './terminal-safe.ts';

type TraceEvent = Readonly<Record<string, unknown>>;

/** A group takes no time; what takes some is one of gulp's own tasks. */
const shortestGroupMs = 1;

/**
 * What has happened as a trace in Chrome's format, for Perfetto and `chrome://tracing`: one process
 * per run, one thread per lane, one slice per task.
 */
export function timelineText(story: Story): string {
  const tasks = [...story.tasks.values()].filter(isShown);
  const traceEvents = [
    ...namesOf(story, tasks),
    ...tasks.flatMap(sliceOf),
    ...[...story.runs.keys()].flatMap((run) => loadOf(tasks.filter((task) => task.run === run))),
  ];
  const text = JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
  return `${safeName(text)}\n`;
}

function isShown({ isGroup, startedAt, endedAt }: TaskStory): boolean {
  if (startedAt === undefined || endedAt === undefined) return false;
  return !isGroup || endedAt - startedAt >= shortestGroupMs;
}

function namesOf(story: Story, tasks: readonly TaskStory[]): TraceEvent[] {
  const processes = [...story.runs.keys()].map((run) =>
    named('process_name', run, 0, `run ${run}`),
  );
  const lanes = new Map(tasks.map(({ run, lane = 0 }) => [`${run} ${lane}`, { run, lane }]));
  const threads = [...lanes.values()].map(({ run, lane }) =>
    named('thread_name', run, lane, `slot ${lane}`),
  );
  return [...processes, ...threads];
}

function named(what: string, pid: number, tid: number, name: string): TraceEvent {
  return { ph: 'M', name: what, pid, tid, args: { name } };
}

function sliceOf(task: TaskStory): TraceEvent[] {
  const { run: pid, name, lane: tid, startedAt = 0, endedAt = 0, state, reasons } = task;
  const slice = {
    ph: 'X',
    name,
    cat: state?.kind ?? 'running',
    pid,
    tid,
    ts: micros(startedAt),
    dur: micros(endedAt - startedAt),
    ...(state?.kind === 'failed' && { cname: 'terrible' }),
    args: {
      state: state?.kind,
      ...(reasons.length > 0 && { why: reasonsText(reasons) }),
      ...(task.estimateMs !== undefined && { expectedMs: Math.round(task.estimateMs) }),
    },
  };
  const retries = task.retriedAt.map((at) => {
    return { ph: 'i', s: 't', name: `${name}: again`, cat: 'retry', pid, tid, ts: micros(at) };
  });
  return [slice, ...retries];
}

/** How many tasks ran at the same time. */
function loadOf(tasks: readonly TaskStory[]): TraceEvent[] {
  const steps = tasks
    .flatMap(({ run, startedAt = 0, endedAt = 0 }) => [
      { run, at: startedAt, by: 1 },
      { run, at: endedAt, by: -1 },
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
