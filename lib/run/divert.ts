import { type TakeOutput, taskAround } from '../model/inside-task.ts';

/** The process, as far as something is written by means of it. */
export interface OutputHost {
  /** Offers what is written to `take`, and writes what that does not take, until what it returns is called. */
  onWrite(take: TakeOutput): () => void;
}

let running = 0;
let stop: (() => void) | undefined;

/**
 * Gives what tasks of this process write to them, instead of to standard output and error, until
 * what it returns is called.
 */
export function divert(host: OutputHost): () => void {
  if (running++ === 0) {
    stop = host.onWrite((stream, piece) => taskAround()?.write?.(stream, piece) ?? false);
  }
  return () => {
    if (--running === 0) stop?.();
  };
}
