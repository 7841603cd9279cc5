import process from 'node:process';
import { keepCompiledSoon } from '../bundle/keep-compiled.ts';
import { type FunctionDefinition, functionOf } from './function-source.ts';
import { serveJobs } from './serve-jobs.ts';

/** What the workers of a `Pool` are told at their start. */
export interface PoolSetup {
  readonly initializer: FunctionDefinition | undefined;
  readonly initArgs: readonly unknown[];
  readonly onExit: FunctionDefinition | undefined;
}

/** The program inside the workers of a `Pool`. */
let onExit: ((pid: number, exitCode: number) => unknown) | undefined;

serveJobs({
  async start(given) {
    const setup = given as PoolSetup;
    if (setup.onExit !== undefined) onExit = (await functionOf(setup.onExit)) as typeof onExit;
    if (setup.initializer === undefined) return;
    const initialize = (await functionOf(setup.initializer)) as (...args: unknown[]) => unknown;
    await initialize(...setup.initArgs);
  },
  resolve(definition) {
    keepCompiledSoon();
    return functionOf(definition as FunctionDefinition);
  },
  async end(code) {
    await onExit?.(process.pid, code);
  },
});
