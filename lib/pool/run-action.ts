import { ChildProcess } from 'node:child_process';
import { type Duplex, Stream } from 'node:stream';
import { finished } from 'node:stream/promises';
import asyncDone from 'async-done';
import { currentDomain, reportingPiped } from '../base/piped-errors.ts';
import type { ArgValues, Definition } from '../model/definition.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { runInside } from '../model/inside-task.ts';
import type { NestedCall } from '../model/nested-call.ts';
import { endingOf } from '../model/task-ending.ts';
import { trackedParams } from '../model/tracked-params.ts';
import { contextOf, type TaskLink } from './task-context.ts';
import type { TaskReport, TaskRequest } from './task-pool.ts';

/**
 * Calls the action of a task and waits for its end, by the rules of `.action()` or of gulp. Never
 * rejects; if the action never says that it is done, never settles.
 */
export function runAction(
  definition: Pick<Definition, 'action' | 'service'>,
  args: ArgValues,
  request: TaskRequest,
  link: TaskLink,
): Promise<TaskReport> {
  const { action, service } = definition;
  if (action === undefined) throw new Error(`Internal error: '${request.task}' has no action`);
  const { params, read } = trackedParams(request.params);
  // What a service has found out could only be told at its end.
  const discovered = service === undefined ? new Set<string>() : undefined;
  const written = { files: new Set<string>(), pruned: new Set<string>() };
  const ctx = contextOf(args, params, request, link, { discovered, written });
  let hasEnded = false;
  const held: Promise<unknown>[] = [];
  const inside = {
    name: request.task,
    hasEnded: () => hasEnded,
    call: (call: NestedCall) => link.call(call),
    ...(link.write !== undefined && { write: link.write }),
    hold: (work: Promise<unknown>) => void held.push(work),
  };
  return new Promise((resolve) => {
    let ignoreLater = (): void => undefined;
    const end = (outcome: TaskOutcome): void => {
      hasEnded = true;
      if (outcome.kind === 'failed') ignoreLater();
      const report = { outcome, paramsRead: [...read], discovered: [...(discovered ?? [])] };
      const { files, pruned } = written;
      const hasWritten = files.size > 0 || pruned.size > 0;
      resolve({
        ...report,
        ...(hasWritten && { written: { files: [...files], pruned: [...pruned] } }),
      });
    };
    asyncDone(
      (done) =>
        runInside(inside, () =>
          reportingPiped(done, () => {
            const domain = currentDomain();
            // The other streams of a pipeline that breaks may tell of it later than the first.
            ignoreLater = () => void domain?.on('error', () => undefined);
            if (action.kind === 'gulp') return action.run(done);
            const returned = action.run(ctx, args, done);
            return action.run.length >= 3 ? untilRejected(returned) : completion(returned, done);
          }),
        ),
      (error, value) => {
        const isList = action.kind === 'gulp' && isNothing(value);
        const isDropped = action.hasNoResult === true || isList;
        const outcome = outcomeOf(error, isDropped ? undefined : value);
        if (held.length === 0) end(outcome);
        else void heldOutcome(outcome, held).then(end);
      },
    );
  });
}

/** A task that has succeeded fails by what it was held for. */
async function heldOutcome(
  outcome: TaskOutcome,
  held: readonly Promise<unknown>[],
): Promise<TaskOutcome> {
  const ends = await Promise.allSettled(held);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure === undefined || outcome.kind !== 'succeeded') return outcome;
  return outcomeOf(failure.reason, undefined);
}

/** Only `done` ends a task that takes it, unless the promise it returned tells that it has failed. */
function untilRejected(returned: unknown): unknown {
  if (!isThenable(returned)) return undefined;
  return returned.then(() => new Promise(() => undefined));
}

/** What ends the task, given what the action returned; a plain value ends it at once. */
function completion(returned: unknown, done: (error: undefined, value: unknown) => void): unknown {
  if (isThenable(returned)) return awaitAll(returned);
  if (returned instanceof ChildProcess) return exitOf(returned);
  if (isWaitable(returned)) return returned;
  done(undefined, returned);
  return undefined;
}

/** A promise may resolve to a stream or a child process, which then has to end as well. */
async function awaitAll(promise: PromiseLike<unknown>): Promise<unknown> {
  const value = await promise;
  if (value instanceof ChildProcess) return exitOf(value);
  if (!isWaitable(value)) return value;
  if (isOver(value)) return finished(value);
  return new Promise((resolve, reject) => {
    asyncDone(
      () => value,
      (error) => (error === undefined || error === null ? resolve(undefined) : reject(error)),
    );
  });
}

/** As async-done has it, but a process that was ended by a signal has not succeeded. */
function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null, signal: string | null): void => {
      if (signal !== null) reject(new Error(`was ended by ${signal}`));
      else if (code !== 0) reject(new Error(`exited with error code: ${code}`));
      else resolve();
    };
    if (child.exitCode !== null || child.signalCode !== null) end(child.exitCode, child.signalCode);
    child.once('error', reject);
    child.once('exit', end);
  });
}

/** Whether a stream had ended before anybody could wait for it: it tells so only once. */
function isOver(value: object): value is Stream & NodeJS.ReadableStream {
  if (!(value instanceof Stream)) return false;
  const { closed, readableEnded, writableFinished } = value as Partial<Duplex>;
  if (closed === true) return true;
  const isKnown = readableEnded !== undefined || writableFinished !== undefined;
  return isKnown && readableEnded !== false && writableFinished !== false;
}

function outcomeOf(error: unknown, value: unknown): TaskOutcome {
  if (error === undefined || error === null) return { kind: 'succeeded', value };
  const ending = endingOf(error);
  if (ending !== undefined) return ending;
  // A mark by async-done's domain, which says nothing about the error.
  if (error instanceof Error) Reflect.deleteProperty(error, 'domainThrown');
  return { kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } };
}

/** What `gulp.series()` gives has a list of what its tasks gave, which mostly is nothing. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined || (Array.isArray(value) && value.length > 0 && value.every(isNothing))
  );
}

/** Whether async-done knows how to wait for `value`: stream, emitter or observable. */
function isWaitable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const { on, subscribe } = value as { on?: unknown; subscribe?: unknown };
  return typeof on === 'function' || typeof subscribe === 'function';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const then = (value as { then?: unknown } | null | undefined)?.then;
  return typeof then === 'function';
}
