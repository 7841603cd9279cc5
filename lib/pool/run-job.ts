import { type Mode, modes } from './records.ts';

/** A function that jobs call. */
export type JobFunction = (...args: never[]) => unknown;

type AnyFunction = (...args: readonly unknown[]) => unknown;

/**
 * Calls `fn` once with `args`, or once per item, one after the other. Returns at once, without a
 * promise, as long as `fn` does.
 *
 * @param done Gets the results of the items, so that they are there if a later one throws.
 */
export function applyTo(
  fn: JobFunction,
  mode: Mode,
  args: readonly unknown[],
  done: unknown[],
): unknown {
  const call = fn as AnyFunction;
  if (mode === modes.call || mode === modes.callWithBytes) return call(...args);
  for (let index = 0; index < args.length; index++) {
    const value = callItem(call, mode, args[index]);
    if (isThenable(value)) return finishItems(call, mode, args, done, value);
    done.push(value);
  }
  return done;
}

/** Whether `value` has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

async function finishItems(
  call: AnyFunction,
  mode: Mode,
  args: readonly unknown[],
  done: unknown[],
  first: PromiseLike<unknown>,
): Promise<unknown[]> {
  done.push(await first);
  for (let index = done.length; index < args.length; index++) {
    done.push(await callItem(call, mode, args[index]));
  }
  return done;
}

function callItem(call: AnyFunction, mode: Mode, item: unknown): unknown {
  if (mode === modes.each) return call(item);
  return call(...(item as Iterable<unknown>));
}
