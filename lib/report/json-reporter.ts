import { inspect } from 'node:util';
import { unreachable } from '../base/unreachable.ts';
import type { Reporter, RunEvent } from '../model/run-event.ts';
import type { EndState } from '../model/state.ts';
import { safeName } from './terminal-safe.ts';

/**
 * One JSON object per event and line: `{ v: 1, at, event, run, task, ... }`, the fields of
 * `RunEvent` in the order in which they are declared there, times in milliseconds.
 * For `task-ended` the state is flat: its name in `state`, then what it carries (`tookMs`,
 * `failure`, `cause`):
 *
 *     {"v":1,"at":12.5,"event":"task-ended","run":1,"task":"lint","isGroup":false,
 *      "state":"failed","tookMs":812,"failure":{"reason":"never-completed"},"place":{...}}
 *
 * Reasons and failures are data, as in `StaleReason` and `TaskFailure`. Text is as the task wrote
 * it; what could break a line or steer a terminal stands as `\uXXXX`.
 */
export function jsonReporter(out: { readonly write: (text: string) => void }): Reporter {
  return (event) => {
    const line = { v: 1, at: rounded(event.at), event: event.event, ...fieldsOf(event) };
    out.write(`${safeName(jsonOf(line))}\n`);
  };
}

/** What an error carries may be anything that can be sent, also what JSON refuses. */
function jsonOf(line: object): string {
  try {
    return JSON.stringify(line);
  } catch {
    return JSON.stringify(line, (key, value: unknown) => {
      if (key !== 'own' && key !== 'thrown') return value;
      const fields = Object.entries(value as object);
      return Object.fromEntries(fields.map(([name, field]) => [name, inspect(field)]));
    });
  }
}

function fieldsOf(event: RunEvent): object {
  switch (event.event) {
    case 'run-started':
      return { run: event.run };
    case 'task-wanted':
      return { ...taskOf(event), isGroup: event.isGroup, deps: event.deps, ...pastOf(event) };
    case 'task-started':
      return { ...taskOf(event), isGroup: event.isGroup, reasons: event.reasons };
    case 'task-taken-up':
      return { ...taskOf(event), pid: event.pid, worker: event.worker };
    case 'task-retried': {
      const { attempt, failure, delayMs } = event;
      return { ...taskOf(event), attempt, failure, delayMs };
    }
    case 'output':
      return { ...taskOf(event), stream: event.stream, text: event.text };
    case 'task-ended': {
      const { isGroup, state, isService, place } = event;
      return { ...taskOf(event), isGroup, ...stateFields(state), isService, place };
    }
    case 'run-ended':
      return { run: event.run, tookMs: rounded(event.tookMs), counts: event.counts };
    case 'task-foreseen': {
      const { task, isGroup, isNative, deps, forecast, reasons, after } = event;
      return { task, isGroup, isNative, deps, forecast, reasons, after, ...pastOf(event) };
    }
    case 'dry-run-ended':
      return { counts: event.counts };
    case 'watch-started':
      return { folders: event.folders, taskCount: event.taskCount };
    case 'files-changed':
      return { paths: event.paths, pathCount: event.pathCount, tasks: event.tasks };
    case 'task-outdated':
      return { ...taskOf(event), isGroup: event.isGroup };
    case 'build-files-changed':
      return { paths: event.paths };
    case 'build-broken':
    case 'keys-asked':
      return {};
    case 'watch-settled':
      return { hasKeys: event.hasKeys };
    case 'service-output':
      return { task: event.task, stream: event.stream, text: event.text };
    case 'service-ended': {
      const { task, tookMs, how, failure } = event;
      return { task, tookMs: rounded(tookMs), how, failure };
    }
    case 'warning':
      return { code: event.code, text: event.text };
    default:
      return unreachable(event);
  }
}

/** Arguments and past duration, where there are any. */
function pastOf({
  args,
  estimateMs,
}: Pick<Extract<RunEvent, { event: 'task-wanted' }>, 'args' | 'estimateMs'>): object {
  return { args, estimateMs: estimateMs === undefined ? undefined : rounded(estimateMs) };
}

function taskOf({ run, task }: { run: number; task: string }): object {
  return { run, task };
}

function stateFields(state: EndState): object {
  switch (state.kind) {
    case 'succeeded':
      return { state: state.kind, tookMs: rounded(state.tookMs) };
    case 'skipped':
      return {
        state: state.kind,
        tookMs: rounded(state.tookMs),
        why: state.why,
        reason: state.reason,
      };
    case 'failed':
      return { state: state.kind, tookMs: rounded(state.tookMs), failure: state.failure };
    case 'dependency-failed':
      return { state: state.kind, cause: state.cause };
    case 'up-to-date':
      return { state: state.kind, restored: state.restored };
    case 'cancelled':
      return { state: state.kind };
    default:
      return unreachable(state);
  }
}

/** To the microsecond: what a clock gives beyond it is noise. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
