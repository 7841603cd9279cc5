/** A task as far as time is concerned. */
export interface TimedTask {
  /** Undefined if it did not run. */
  readonly span: { readonly startMs: number; readonly endMs: number } | undefined;
  /** Indices of its deps in the same list. */
  readonly deps: readonly number[];
}

/** One task of the chain that a build had to wait for. */
export interface CriticalStep {
  /** Its index. */
  readonly task: number;
  /**
   * What it had to wait for: the `dep` before it in the chain, or its `turn`, which it got when that
   * task gave back a slot or a lock. The first of a chain waited for nothing.
   */
  readonly after: 'dep' | 'turn' | undefined;
}

/** What could make a build shorter. */
export interface Advice {
  /** Index of a task that held the build up. */
  readonly task: number;
  /** How much shorter the build could be at best if the task took no time. */
  readonly savesMs: number;
}

const mostAdvice = 8;
/** So late a task begins at most after what it has waited for. */
const toleranceMs = 100;

/** From the task that ended last back to the beginning: what each had to wait for. */
export function criticalPathOf(tasks: readonly TimedTask[]): CriticalStep[] {
  const byEnd = tasks
    .flatMap(({ span }, task) => (span === undefined ? [] : [{ task, ...span }]))
    .sort((a, b) => b.endMs - a.endMs);
  const steps: CriticalStep[] = [];
  let next = byEnd[0];
  // What comes before ends earlier, so the list is gone through once.
  for (let at = 0; next !== undefined; ) {
    const { task, startMs } = next;
    const deps = new Set(tasks[task]?.deps);
    while (at < byEnd.length && (byEnd[at]?.endMs ?? 0) > startMs) at++;
    const before: typeof byEnd = [];
    for (let look = at; look < byEnd.length; look++) {
      const other = byEnd[look];
      if (other === undefined || other.endMs < startMs - toleranceMs) break;
      before.push(other);
    }
    const dep = before.find((other) => deps.has(other.task));
    const found = dep ?? before[0];
    const after = found === undefined ? undefined : dep === undefined ? 'turn' : 'dep';
    steps.unshift({ task, after });
    next = found;
  }
  return steps;
}

/** A chain of deps. */
export interface Chain {
  /** Indices, deps first. */
  readonly tasks: readonly number[];
  readonly tookMs: number;
}

/** The chain of deps that takes longest: with any number of slots a build takes no less. */
export function longestChain(tasks: readonly TimedTask[]): Chain {
  const ends = endsOf(tasks, depsFirst(tasks), -1);
  const endOf = (index: number): number => ends.get(index) ?? 0;
  const chain: number[] = [];
  const indices: readonly number[] = [...tasks.keys()];
  for (let next = latest(indices, endOf); next !== undefined; ) {
    chain.unshift(next);
    next = latest(tasks[next]?.deps ?? [], endOf);
  }
  return {
    tasks: chain.filter((index) => tookMs(tasks[index]) > 0),
    tookMs: endOf(chain.at(-1) ?? -1),
  };
}

function latest(indices: readonly number[], endOf: (index: number) => number): number | undefined {
  let found: number | undefined;
  for (const index of indices)
    if (found === undefined || endOf(index) > endOf(found)) found = index;
  return found;
}

/**
 * Of the critical path the tasks that matter most. Without one of them the build could be no shorter
 * than the chain of deps that is longest then, nor than the work that is left shared by the slots.
 */
export function adviceOn(
  tasks: readonly TimedTask[],
  path: readonly CriticalStep[],
  slotCount: number,
): Advice[] {
  const order = depsFirst(tasks);
  const workMs = tasks.reduce((sum, task) => sum + tookMs(task), 0);
  const wallMs = spanOf(tasks, path);
  return path
    .map(({ task }) => ({ task, ownMs: tookMs(tasks[task]) }))
    .sort((a, b) => b.ownMs - a.ownMs)
    .slice(0, mostAdvice)
    .map(({ task, ownMs }) => {
      const leastMs = Math.max(chainMs(tasks, order, task), (workMs - ownMs) / slotCount);
      return { task, savesMs: Math.min(ownMs, wallMs - leastMs) };
    })
    .filter(({ savesMs }) => savesMs > 0)
    .sort((a, b) => b.savesMs - a.savesMs);
}

function spanOf(tasks: readonly TimedTask[], path: readonly CriticalStep[]): number {
  const first = tasks[path[0]?.task ?? -1]?.span;
  const last = tasks[path.at(-1)?.task ?? -1]?.span;
  return (last?.endMs ?? 0) - (first?.startMs ?? 0);
}

function tookMs(task: TimedTask | undefined): number {
  return task?.span === undefined ? 0 : task.span.endMs - task.span.startMs;
}

/** How long the longest chain is if the task with the index `timeless` takes no time. */
function chainMs(tasks: readonly TimedTask[], order: readonly number[], timeless: number): number {
  let longestMs = 0;
  for (const end of endsOf(tasks, order, timeless).values()) longestMs = Math.max(longestMs, end);
  return longestMs;
}

/** When each would end with slots for all. @param timeless Index of a task that is taken to need no time. */
function endsOf(
  tasks: readonly TimedTask[],
  order: readonly number[],
  timeless: number,
): Map<number, number> {
  const endMs = new Map<number, number>();
  for (const index of order) {
    const task = tasks[index];
    const deps = task?.deps ?? [];
    const startMs = deps.reduce((last, dep) => Math.max(last, endMs.get(dep) ?? 0), 0);
    endMs.set(index, startMs + (index === timeless ? 0 : tookMs(task)));
  }
  return endMs;
}

/** Each task after all its deps. */
function depsFirst(tasks: readonly TimedTask[]): number[] {
  const missing = tasks.map(({ deps }) => deps.length);
  const dependants: number[][] = tasks.map(() => []);
  for (const [index, { deps }] of tasks.entries()) {
    for (const dep of deps) dependants[dep]?.push(index);
  }
  const order = missing.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < order.length; at++) {
    for (const next of dependants[order[at] ?? -1] ?? []) {
      const left = (missing[next] ?? 0) - 1;
      missing[next] = left;
      if (left === 0) order.push(next);
    }
  }
  return order;
}
