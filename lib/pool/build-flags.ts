import process from 'node:process';
import { inheritedFlags } from './inherited-flags.ts';

/**
 * Where every core has a worker, threads that collect garbage beside it only take the cores from other
 * workers: in terser a quarter of all processor time. With 64 MB for what is young, the work on one file is
 * over before it is collected, and nothing of it is copied: Sass takes a fifth less.
 */
const collecting = ['--single-threaded-gc', '--max-semi-space-size=64'];
const sizeOfYoung = /--(?:max|min)[-_]semi[-_]space[-_]size/;

/**
 * Node's flags for workers that compile and minify, as the option `execArgv` of a pool: those of this
 * process, and what keeps each worker to one core while it collects garbage, unless this process was told
 * itself how much room there is for young objects (new). Not for values of megabytes: passing them on takes a
 * tenth longer.
 *
 * @param execArgv Flags to begin with. Default: those of this process.
 * @param nodeOptions What the environment of the workers has in `NODE_OPTIONS`. Default: that of this process.
 */
export function buildFlags(
  execArgv: readonly string[] = process.execArgv,
  nodeOptions: string = process.env['NODE_OPTIONS'] ?? '',
): string[] {
  const said = `${nodeOptions} ${execArgv.join(' ')}`;
  return [...(sizeOfYoung.test(said) ? [] : collecting), ...inheritedFlags(execArgv)];
}

/**
 * To be called by a worker: what it starts itself is not one, and threads refuse to be started with
 * flags that go for the whole process.
 */
export function hideBuildFlags(): void {
  if (collecting.every((flag, at) => process.execArgv[at] === flag)) {
    process.execArgv.splice(0, collecting.length);
  }
}
