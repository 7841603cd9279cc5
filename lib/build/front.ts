import { settings } from '../dsl/program.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { host } from '../run/host.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';

/** Through what a person uses the build: gulp, or a script of their own. */
export interface Front {
  readonly nativeNames: ReadonlySet<string>;
  /** Runs a task of gulp's own. Never rejects. */
  runNative(name: string, run: number): Promise<TaskOutcome>;
  /** @throws UsageError for a command line that makes no sense */
  commandLine(): CommandLine;
}

/** A plain program without gulp: its command line is its own, so only the environment counts. */
export const scriptFront: Front = {
  nativeNames: new Set(),
  runNative(name) {
    throw new Error(`Internal error: there is no gulp to run '${name}'`);
  },
  commandLine: () => readCommandLine([], host.env, settings().flags),
};
