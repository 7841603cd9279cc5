import { imageOf } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';

/** What one task may change and the next must not see: directory, environment, umask, exit code. */
export class Surroundings {
  readonly #directory = process.cwd();
  readonly #environment = { ...process.env };
  readonly #umask = process.umask();

  /** Puts everything back; what cannot be put back is a failure of the task that broke it. */
  restore(outcome: TaskOutcome): TaskOutcome {
    process.umask(this.#umask);
    process.exitCode = undefined;
    for (const name of Object.keys(process.env)) {
      if (!(name in this.#environment)) delete process.env[name];
    }
    for (const [name, value] of Object.entries(this.#environment)) {
      if (process.env[name] !== value) process.env[name] = value;
    }
    try {
      process.chdir(this.#directory);
      return outcome;
    } catch (error) {
      if (outcome.kind === 'failed') return outcome;
      return { kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } };
    }
  }
}
