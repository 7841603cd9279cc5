import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { callUser } from './callbacks.ts';
import { Crew } from './crew.ts';
import { type KnownFunction, knownFunction } from './function-ref.ts';
import { inheritedFlags } from './inherited-flags.ts';
import { checkSendable } from './job-call.ts';
import type { PoolSetup } from './pool-main.ts';
import type { PoolOptions, PoolSettings } from './pool-options.ts';

/** The workers of a pool. @throws EncodingError For an initializer that cannot be sent. */
export function crewOf(options: PoolOptions, settings: PoolSettings): Crew {
  const { initializer, initArgs = [], onProcessExit, env, execArgv } = options;
  const { onProcessUp, onProcessDown } = options;
  const definitionOf = (fn: unknown): KnownFunction['definition'] | undefined =>
    fn === undefined ? undefined : knownFunction(fn).definition;
  const setup: PoolSetup = {
    initializer: definitionOf(initializer),
    initArgs,
    onExit: definitionOf(onProcessExit),
  };
  checkSendable(initArgs, 'initArgs');
  return new Crew({
    program: {
      entry: poolEntry(),
      execArgv: execArgv ?? inheritedFlags(process.execArgv),
      workDir: process.cwd(),
      env: { ...(env ?? process.env) },
      // Where memory is counted, what is free counts as well.
      keepsMemory: settings.maxMemory === undefined,
      setup,
      takesOutput: false,
    },
    patience: settings,
    size: settings.processes,
    maxJobs: settings.maxTasks,
    maxMemory: settings.maxMemory,
    maxDepth: settings.prefetch,
    maxStartFailures: settings.maxStartFailures,
    restarts: settings.restarts,
    workerUp: ({ pid, index }) => callUser(onProcessUp && (() => onProcessUp({ pid, index }))),
    workerDown: ({ pid, index }, how) =>
      callUser(onProcessDown && (() => onProcessDown({ pid, index, ...how }))),
  });
}

/** The program that workers run. tsc does not rewrite paths in strings: it ends as this file does. */
function poolEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../pool/pool-main.${extension}`, import.meta.url));
}
