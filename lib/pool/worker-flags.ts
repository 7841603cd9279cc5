import process from 'node:process';
import { inheritedFlags } from './inherited-flags.ts';

/**
 * How workers collect garbage. While every core has a worker, threads that collect side by side only take
 * the cores from other workers: for terser a fifth of all processor time. In 64 MB for what is young the
 * work on one file is over before it is collected, so that it need not be copied: Sass takes a fifth less.
 */
const collecting = ['--single-threaded-gc', '--max-semi-space-size=64'];
const sizeOfYoung = /--(?:max|min)[-_]semi[-_]space[-_]size/;

/**
 * Node's flags for workers: how they collect garbage, unless the user has said it, and those of their
 * parent.
 *
 * @param nodeOptions What the environment has in `NODE_OPTIONS`; flags go before it.
 */
export function workerFlags(execArgv: readonly string[], nodeOptions = ''): string[] {
  const said = `${nodeOptions} ${execArgv.join(' ')}`;
  return [...(sizeOfYoung.test(said) ? [] : collecting), ...inheritedFlags(execArgv)];
}

/**
 * To be called by a worker: what it starts itself is not one, and threads refuse to be started with
 * flags that go for the whole process.
 */
export function hideWorkerFlags(): void {
  if (collecting.every((flag, at) => process.execArgv[at] === flag)) {
    process.execArgv.splice(0, collecting.length);
  }
}
