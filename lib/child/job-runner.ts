import { sealedDefinitions } from '../dsl/program.ts';
import { castArgs } from '../model/cast-args.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { endMark, type FromWorker } from '../pool/protocol.ts';
import { runAction } from '../pool/run-action.ts';
import type { TaskRequest } from '../pool/task-pool.ts';
import { unserialisablePath } from '../pool/unserialisable-path.ts';
import { Surroundings } from './surroundings.ts';

/** Runs one job at a time and answers each exactly once. */
export class JobRunner {
  readonly #send: (message: FromWorker) => void;
  #files: readonly string[] = [];
  #surroundings = new Surroundings();
  #isSpent = false;
  /** Ends the job that runs now with an outcome that did not come from its action. */
  #interrupt: ((outcome: TaskOutcome) => void) | undefined;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  /** From now on jobs may come; errors that nobody catches belong to the one that runs. */
  begin(files: readonly string[]): void {
    this.#files = files;
    this.#surroundings = new Surroundings();
    const blame = (error: unknown): void => this.#blame(error);
    process.on('uncaughtException', blame);
    process.on('unhandledRejection', blame);
    process.on('beforeExit', () => {
      this.#interrupt?.({ kind: 'failed', failure: { reason: 'never-completed' } });
    });
  }

  /** Runs a job and sends how it ended. */
  run(nonce: string, request: TaskRequest): void {
    // While a job runs only its own work keeps the process going: if there is none, it cannot end.
    process.channel?.unref();
    const interrupted = new Promise<TaskOutcome>((resolve) => {
      this.#interrupt = resolve;
    });
    void Promise.race([interrupted, this.#act(request)]).then(async (outcome) => {
      this.#interrupt = undefined;
      process.channel?.ref();
      const restored = this.#surroundings.restore(outcome);
      await Promise.all([mark(process.stdout, nonce), mark(process.stderr, nonce)]);
      this.#send({ kind: 'ended', nonce, outcome: sendable(restored), isSpent: this.#isSpent });
    });
  }

  async #act(request: TaskRequest): Promise<TaskOutcome> {
    try {
      const definition = sealedDefinitions().get(request.definition);
      if (definition?.action === undefined) {
        return { kind: 'failed', failure: { reason: 'not-in-worker', files: this.#files } };
      }
      return await runAction(definition, castArgs(definition, request.rawArgs), request);
    } catch (error) {
      return { kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } };
    }
  }

  #blame(error: unknown): void {
    if (this.#interrupt === undefined) {
      // Left over from a task that had ended: its process is of no more use.
      console.error(error);
      process.exit(1);
    }
    this.#isSpent = true;
    this.#interrupt({ kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } });
  }
}

function mark(stream: NodeJS.WriteStream, nonce: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(endMark(nonce), () => resolve());
  });
}

function sendable(outcome: TaskOutcome): TaskOutcome {
  if (outcome.kind !== 'succeeded') return outcome;
  const path = unserialisablePath(outcome.value, 'result');
  if (path === undefined) return outcome;
  const message = 'it cannot be sent from the worker to the parent process';
  return { kind: 'failed', failure: { reason: 'not-serialisable', path, message } };
}
