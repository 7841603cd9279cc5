import { type ChildProcess, spawn } from 'node:child_process';
import { type EndingSignal, host } from './host.ts';
import { type SuccessorMessage, successorVariable } from './successor-link.ts';

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
      env: { ...host.environment(), [successorVariable]: '1' },
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
