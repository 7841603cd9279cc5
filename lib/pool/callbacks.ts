import process from 'node:process';
import { inspect } from 'node:util';
import type { ApplyOptions } from './call-options.ts';

/**
 * Calls a callback of the user's. What it throws is a warning of the process, or comes back if it
 * is of one of the classes that are to fail the result.
 */
export function callUser(
  callback: (() => unknown) | undefined,
  propagate: ApplyOptions['callbacksPropagate'] = [],
): { readonly error: unknown } | undefined {
  if (callback === undefined) return undefined;
  try {
    const returned = callback();
    if (returned instanceof Promise) returned.catch(warn);
    return undefined;
  } catch (error) {
    if (propagate.some((each) => error instanceof each)) return { error };
    warn(error);
    return undefined;
  }
}

function warn(error: unknown): void {
  const text = error instanceof Error ? error.stack : inspect(error);
  process.emitWarning(`A callback of a pool threw: ${text}`, { code: 'PARPROC_CALLBACK' });
}
