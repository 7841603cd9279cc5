import { type EndingSignal, host } from './host.ts';

/** What a successor tells the process that has started it. */
export type SuccessorMessage =
  /** The build has been loaded and is watched. */
  | { readonly kind: 'watching' }
  /** A build file has changed: another successor is to take over, this one ends. */
  | { readonly kind: 'reload' };

/** The environment variable that says to a process that it is a successor. */
export const successorVariable = 'PARPROC_SUCCESSOR';

/**
 * In a successor: calls `run` with signals that are passed on, and with SIGHUP when the process ends
 * that has started it. The returned function stops that.
 */
export function onPassedSignal(run: (signal: EndingSignal) => void): () => void {
  if (!isSuccessor()) return () => undefined;
  return host.onParent((message) => {
    run((message as { signal: EndingSignal } | undefined)?.signal ?? 'SIGHUP');
  });
}

/** Whether this process is a successor whose predecessor listens. */
export function isSuccessor(): boolean {
  return host.env(successorVariable) === '1' && host.hasParent();
}

/** Tells the process that has started this one. */
export function tellPredecessor(message: SuccessorMessage): Promise<void> {
  return isSuccessor() ? host.tellParent(message) : Promise.resolve();
}
