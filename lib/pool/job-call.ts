import { inspect } from 'node:util';
import type { FunctionEntry, Job } from './job.ts';
import { EncodingError } from './pool-errors.ts';
import { type Mode, modes } from './records.ts';
import { unserialisablePath } from './unserialisable-path.ts';
import { encodeList } from './value-codec.ts';

/** The part of a job that crosses to the worker. */
export type JobCall = Pick<Job, 'fn' | 'mode' | 'args'>;

/**
 * One call of `fn`.
 *
 * @throws EncodingError If an argument cannot be sent.
 */
export function callOf(fn: FunctionEntry, args: readonly unknown[]): JobCall {
  const [only] = args;
  if (args.length === 1 && Buffer.isBuffer(only) && only.length > 0) {
    // A copy: the caller may write into its own before it is sent.
    const copy = Buffer.allocUnsafeSlow(only.length);
    only.copy(copy);
    return { fn, mode: modes.callWithBytes, args: copy };
  }
  return { fn, mode: modes.call, args: encodeArgs(args, 'args') };
}

/** @throws TypeError Unless `args` are an array. */
export function checkArgs(args: unknown, where: string): void {
  if (Array.isArray(args)) return;
  const text = inspect(args, { depth: 0, breakLength: 60 });
  throw new TypeError(`The arguments of ${where} are ${text}. Give them as an array.`);
}

/** One call of `fn` per item, in one job. @throws EncodingError If an item cannot be sent. */
export function chunkOf(fn: FunctionEntry, items: readonly unknown[], mode: Mode): JobCall {
  return { fn, mode, args: encodeArgs(items, 'items') };
}

/** @throws EncodingError If `value` cannot be sent. */
export function checkSendable(value: readonly unknown[], what: string): void {
  encodeArgs(value, what);
}

function encodeArgs(args: readonly unknown[], what: string): string | Buffer {
  try {
    return encodeList(args);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EncodingError(unserialisablePath(args, what) ?? what, why);
  }
}
