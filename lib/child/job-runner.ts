import { setImmediate as nextTurn } from 'node:timers/promises';
import { sealedDefinitions } from '../dsl/program.ts';
import { castArgs } from '../model/cast-args.ts';
import { imageOf } from '../model/error-image.ts';
import type { TaskOutcome } from '../model/failure.ts';
import { type FromWorker, outputMark, type ToWorker } from '../pool/protocol.ts';
import { runAction } from '../pool/run-action.ts';
import type { TaskReport, TaskRequest } from '../pool/task-pool.ts';
import { unserialisablePath } from '../pool/unserialisable-path.ts';
import { ParentLink } from './parent-link.ts';
import { Surroundings } from './surroundings.ts';

// A task may replace `write` to catch what is printed, and forget to put it back.
const streams = [process.stdout, process.stderr];
const writes = streams.map((stream) => stream.write.bind(stream));
// It may close a stream as well. The parent knows, so that nobody misses what is written then.
for (const stream of streams) stream.on('error', () => undefined);

/** Runs one job at a time and answers each exactly once. */
export class JobRunner {
  readonly #send: (message: FromWorker) => void;
  #files: readonly string[] = [];
  #surroundings = new Surroundings();
  /** Ends the job that runs now with an outcome that did not come from its action. */
  #interrupt: ((outcome: TaskOutcome) => void) | undefined;
  #link: { readonly nonce: string; readonly parent: ParentLink } | undefined;
  /** What an error that nobody caught makes of the job, even if its action has ended well. */
  #blamed: TaskOutcome | undefined;

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

  /** Takes what the parent says to a job; what comes too late is for nobody. */
  hear(message: Extract<ToWorker, { kind: 'late' | 'answer' }>): void {
    if (this.#link?.nonce !== message.nonce) return;
    if (message.kind === 'late') this.#link.parent.beLate(message.limitMs);
    else this.#link.parent.take(message.id, message.answer);
  }

  /** Runs a job and sends how it ended. */
  async run(nonce: string, request: TaskRequest): Promise<void> {
    const parent = new ParentLink(nonce, this.#send);
    this.#link = { nonce, parent };
    await markOutput(nonce);
    // While a job runs only its own work keeps the process going: if there is none, it cannot end.
    process.channel?.unref();
    const interrupted = new Promise<TaskReport>((resolve) => {
      this.#interrupt = (outcome) => resolve({ outcome, paramsRead: [], discovered: [] });
    });
    const settled = await Promise.race([interrupted, this.#act(request, parent)]);
    process.channel?.ref();
    // A rejection that nobody handles is told only when this turn of the loop is over.
    await nextTurn();
    this.#link = undefined;
    const outcome = sendable(this.#surroundings.restore(this.#blamed ?? settled.outcome));
    await markOutput(nonce);
    this.#interrupt = undefined;
    this.#blamed = undefined;
    this.#send({ kind: 'ended', nonce, report: { ...settled, outcome } });
  }

  async #act(request: TaskRequest, parent: ParentLink): Promise<TaskReport> {
    try {
      const definition = sealedDefinitions().get(request.definition);
      if (definition?.action === undefined) {
        return unread({ kind: 'failed', failure: { reason: 'not-in-worker', files: this.#files } });
      }
      return await runAction(definition, castArgs(definition, request.rawArgs), request, parent);
    } catch (error) {
      return unread({ kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } });
    }
  }

  /** Between jobs it is left over from one that has been answered: nobody is to blame any more. */
  #blame(error: unknown): void {
    this.#send({ kind: 'spent' });
    if (this.#interrupt === undefined) return;
    this.#blamed ??= { kind: 'failed', failure: { reason: 'threw', error: imageOf(error) } };
    this.#interrupt(this.#blamed);
  }
}

function unread(outcome: TaskOutcome): TaskReport {
  return { outcome, paramsRead: [], discovered: [] };
}

async function markOutput(nonce: string): Promise<void> {
  const mark = outputMark(nonce);
  await Promise.all(
    writes.map((write) => new Promise<void>((resolve) => write(mark, () => resolve()))),
  );
}

function sendable(outcome: TaskOutcome): TaskOutcome {
  if (outcome.kind !== 'succeeded') return outcome;
  const path = unserialisablePath(outcome.value, 'result');
  if (path === undefined) return outcome;
  const message = 'only plain data can be sent';
  return { kind: 'failed', failure: { reason: 'not-serialisable', path, message } };
}
