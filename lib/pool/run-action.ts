import asyncDone from 'async-done';
import type { Ref, TaskContext } from '../model/context.ts';
import type { ArgValues, Definition } from '../model/definition.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';
import type { TaskRequest } from './task-pool.ts';

/**
 * Calls the action of a task and waits for its end, by the rules of `.action()` or of gulp. Never
 * rejects; if the action never says that it is done, never settles.
 */
export function runAction(
  definition: Pick<Definition, 'action'>,
  args: ArgValues,
  request: TaskRequest,
): Promise<TaskOutcome> {
  const { action } = definition;
  if (action === undefined) throw new Error(`Internal error: '${request.task}' has no action`);
  const ctx = contextOf(args, request);
  return new Promise((resolve) => {
    asyncDone(
      (done) => {
        if (action.kind === 'gulp') return action.run(done);
        const returned = action.run(ctx, args, done);
        return action.run.length >= 3 ? waitable(returned) : completion(returned, done);
      },
      (error, value) => resolve(outcomeOf(error, value)),
    );
  });
}

/** What ends the task, given what the action returned; a plain value ends it at once. */
function completion(returned: unknown, done: (error: undefined, value: unknown) => void): unknown {
  if (isThenable(returned)) return awaitAll(returned);
  const pending = waitable(returned);
  if (pending === undefined) done(undefined, returned);
  return pending;
}

/** A promise may resolve to a stream or a child process, which then has to end as well. */
async function awaitAll(promise: PromiseLike<unknown>): Promise<unknown> {
  const value = await promise;
  if (waitable(value) === undefined) return value;
  return new Promise((resolve, reject) => {
    asyncDone(
      () => value,
      (error) => (error === undefined || error === null ? resolve(undefined) : reject(error)),
    );
  });
}

function outcomeOf(error: unknown, value: unknown): TaskOutcome {
  if (error === undefined || error === null) return { kind: 'succeeded', value };
  return { kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } };
}

/** `value` if async-done knows how to wait for it: stream, emitter, child process, observable. */
function waitable(value: unknown): unknown {
  if (isThenable(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { on, subscribe } = value as { on?: unknown; subscribe?: unknown };
  return typeof on === 'function' || typeof subscribe === 'function' ? value : undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const then = (value as { then?: unknown } | null | undefined)?.then;
  return typeof then === 'function';
}

function contextOf(args: ArgValues, request: TaskRequest): TaskContext {
  const results = Object.assign(
    Object.create(null) as Record<string, unknown>,
    Object.fromEntries(request.results),
  );
  return Object.freeze({
    name: request.task,
    args,
    results: Object.freeze(results),
    result<Result>(ref: Ref<Result>): Result {
      if (ref.name in results) return results[ref.name] as Result;
      throw new Error(`'${ref.name}' is not among the deps of '${request.task}'.`);
    },
    inputs: request.inputs,
    outputs: request.outputs,
  });
}
