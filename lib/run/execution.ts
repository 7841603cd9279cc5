import { unreachable } from '../base/unreachable.ts';
import { freshDigest } from '../cache/outcome-digest.ts';
import type { Observation, Outcome } from '../cache/verdict.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskFailure, TaskOutcome } from '../model/failure.ts';
import type { TaskNode } from '../model/node.ts';
import type { OutputChunk } from '../model/run-event.ts';
import type { TaskEvent } from '../model/state.ts';
import type { TaskHooks, TaskReport } from '../pool/task-pool.ts';
import type { Effects } from './effects.ts';

/** A task that has been started, and what it is executed with. */
export interface Started {
  readonly node: TaskNode;
  readonly run: number;
  readonly seen: Observation;
  readonly changedDeps: readonly string[];
  readonly results: ReadonlyMap<string, unknown>;
  readonly since: number;
  readonly signal: AbortSignal;
  readonly hooks: TaskHooks;
  /** What it has written so far; empty if nobody wants to keep it. */
  readonly log: () => readonly OutputChunk[];
  /** Whether it has asked the build for anything. */
  readonly hasAsked: () => boolean;
  /** Whether a failed attempt may be followed by another. */
  readonly mayRetry: () => boolean;
  /** Waits without a slot; resolves when there is one again. */
  readonly pause: (ms: number) => Promise<void>;
}

/** How a task ended, and what it came to if it has succeeded. */
export interface Ended {
  readonly event: TaskEvent;
  readonly outcome?: Outcome;
}

/** Executes a task, as often as it may be tried. Never rejects. */
export async function execute(task: Started, effects: Effects): Promise<Ended> {
  const { node } = task;
  const { count = 0, delayMs: firstDelayMs = 0, backoff = 1 } = node.definition.retries ?? {};
  try {
    await effects.begin(node);
    for (let number = 1; ; number++) {
      const ended = await attempt(task, number, effects);
      const failure = failureOf(ended);
      if (failure === undefined || number > count || !task.mayRetry()) return ended;
      const delayMs = firstDelayMs * backoff ** (number - 1);
      const at = effects.now();
      const { run } = task;
      effects.emit({
        event: 'task-retried',
        at,
        run,
        task: node.name,
        attempt: number,
        failure,
        delayMs,
      });
      if (delayMs > 0) await task.pause(delayMs);
      if (!task.mayRetry()) return { event: { kind: 'cancelled' } };
    }
  } catch (error) {
    return { event: failed(effects, { reason: 'threw', error: imageOf(error) }) };
  }
}

/** What another attempt may be better at. */
function failureOf({ event }: Ended): TaskFailure | undefined {
  if (event.kind !== 'failed') return undefined;
  const { reason } = event.failure;
  return reason === 'worker-start-failed' || reason === 'not-in-worker' ? undefined : event.failure;
}

/** How a task of gulp's own ended. */
export function endOfNative(outcome: TaskOutcome, effects: Effects): Ended {
  switch (outcome.kind) {
    case 'succeeded':
      return {
        event: { kind: 'succeeded', at: effects.now() },
        outcome: { value: outcome.value, digest: freshDigest() },
      };
    case 'failed':
      return { event: failed(effects, outcome.failure) };
    case 'skipped':
    case 'cancelled':
      return { event: { kind: 'cancelled' } };
    default:
      return unreachable(outcome);
  }
}

async function attempt(task: Started, number: number, effects: Effects): Promise<Ended> {
  const { node, seen, changedDeps, results, signal, hooks } = task;
  const report = await effects.runTask(node, { number, seen, changedDeps, results, signal }, hooks);
  return endOf(task, report, effects);
}

function endOf(task: Started, report: TaskReport, effects: Effects): Ended {
  const { node, seen } = task;
  const { outcome, paramsRead, discovered, written } = report;
  const at = effects.now();
  const tookMs = at - task.since;
  const facts = {
    seen,
    tookMs,
    paramsRead,
    discovered,
    ...(written !== undefined && { written }),
    hasAsked: task.hasAsked(),
    log: task.log(),
  };
  if (outcome.kind !== 'succeeded') effects.noteWritten(node, seen, written);
  switch (outcome.kind) {
    case 'cancelled':
      return { event: { kind: 'cancelled' } };
    case 'failed':
      return { event: failed(effects, outcome.failure) };
    case 'skipped':
      return {
        event: { ...outcome, at },
        outcome: outcome.why === 'skip' ? effects.skip(node, seen) : effects.keep(node, facts),
      };
    case 'succeeded': {
      const finished = effects.finish(node, { ...facts, value: outcome.value });
      return finished.kind === 'finished'
        ? { event: { kind: 'succeeded', at }, outcome: finished.outcome }
        : { event: failed(effects, { reason: finished.kind, paths: finished.paths }) };
    }
  }
}

function failed(effects: Effects, failure: TaskFailure): TaskEvent {
  return { kind: 'failed', at: effects.now(), failure };
}
