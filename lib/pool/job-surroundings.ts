import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const state = { isDirectoryTouched: false, isUmaskTouched: false, isEnvironmentTouched: false };

/**
 * What one job may change and the next must not see: directory, environment, umask, exit code.
 * Only what a job has touched is put back, so that short jobs pay nothing for it.
 */
export class JobSurroundings {
  readonly #directory: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #umask: number;

  /** What holds now is what later jobs find. */
  constructor() {
    watchChanges();
    this.#directory = process.cwd();
    this.#environment = { ...process.env };
    this.#umask = process.umask();
    state.isDirectoryTouched = false;
    state.isEnvironmentTouched = false;
    state.isUmaskTouched = false;
  }

  /** @throws If the directory is not there any more. */
  restore(): void {
    if (process.exitCode !== undefined) process.exitCode = undefined;
    if (state.isEnvironmentTouched) this.#restoreEnvironment();
    if (state.isUmaskTouched) {
      process.umask(this.#umask);
      state.isUmaskTouched = false;
    }
    if (state.isDirectoryTouched) {
      process.chdir(this.#directory);
      state.isDirectoryTouched = false;
    }
  }

  #restoreEnvironment(): void {
    for (const name of Object.keys(process.env)) {
      if (!(name in this.#environment)) delete process.env[name];
    }
    for (const [name, value] of Object.entries(this.#environment)) {
      if (process.env[name] !== value) process.env[name] = value;
    }
    state.isEnvironmentTouched = false;
  }
}

let isWatching = false;

function watchChanges(): void {
  if (isWatching) return;
  isWatching = true;
  const { chdir, umask } = process;
  process.chdir = (directory) => {
    state.isDirectoryTouched = true;
    chdir.call(process, directory);
  };
  process.umask = (...mask: [(string | number)?]) => {
    if (mask[0] !== undefined) state.isUmaskTouched = true;
    return (umask as (...given: unknown[]) => number).call(process, ...mask);
  };
  process.env = watchedEnvironment(process.env);
  syncBuiltinESMExports();
}

function watchedEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return new Proxy(environment, {
    set(target, name, value) {
      state.isEnvironmentTouched = true;
      return Reflect.set(target, name, value);
    },
    defineProperty(target, name, descriptor) {
      state.isEnvironmentTouched = true;
      return Reflect.defineProperty(target, name, descriptor);
    },
    deleteProperty(target, name) {
      state.isEnvironmentTouched = true;
      return Reflect.deleteProperty(target, name);
    },
  });
}
