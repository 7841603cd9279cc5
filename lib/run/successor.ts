import { type ChildProcess, spawn } from 'node:child_process';
import { type EndingSignal, host } from './host.ts';

/** What a successor tells the process that has started it. */
export type SuccessorMessage =
  /** The build has been loaded and is watched. */
  | { readonly kind: 'watching' }
  /** A build file has changed: another successor is to take over, this one ends. */
  | { readonly kind: 'reload' };

const variable = 'PARPROC_SUCCESSOR';

/** How a successor ended. */
export interface SuccessorEnd {
  /** As a shell would tell it: 128 and the signal's number for one that was killed. */
  readonly code: number;
  readonly hasWatched: boolean;
  readonly wantsReload: boolean;
}

/**
 * A fresh process that does what this one was started for, from the beginning, at the same terminal.
 * It ends with this one.
 */
export class Successor {
  readonly ended: Promise<SuccessorEnd>;
  readonly #child: ChildProcess;
  #hasWatched = false;
  #wantsReload = false;

  constructor() {
    this.#child = spawn(host.execPath(), [...host.execArgv(), ...host.argv().slice(1)], {
      cwd: host.startDir(),
      env: { ...host.environment(), [variable]: '1' },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message: SuccessorMessage) => {
      if (message.kind === 'watching') this.#hasWatched = true;
      else this.#wantsReload = true;
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number): void =>
        resolve({ code, hasWatched: this.#hasWatched, wantsReload: this.#wantsReload });
      this.#child.once('error', () => end(1));
      this.#child.once('exit', (code, signal) => end(code ?? host.codeOfSignal(signal)));
    });
  }

  /**
   * Passes a signal on. What the terminal sends reaches both, so a successor that has got one itself
   * takes no notice of it.
   */
  pass(signal: EndingSignal): void {
    if (this.#child.connected) this.#child.send({ signal });
  }
}

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
  return host.env(variable) === '1' && host.hasParent();
}

/** Tells the process that has started this one. */
export function tellPredecessor(message: SuccessorMessage): Promise<void> {
  return isSuccessor() ? host.tellParent(message) : Promise.resolve();
}
