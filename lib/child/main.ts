import { hasScheduled } from '../dsl/program.ts';
import { imageOf } from '../model/error-image.ts';
import type { FromWorker, ToWorker } from '../pool/protocol.ts';
import type { WorkerSetup } from '../pool/task-pool.ts';
import { JobRunner } from './job-runner.ts';
import { loadUserFiles } from './load-user-files.ts';

/** The program inside a worker: imports the user's files, then runs what it is sent, one by one. */
const runner = new JobRunner(send);
let hasSetup = false;

process.on('message', (message) => {
  receive(message as ToWorker);
});
process.on('disconnect', () => {
  endGroup();
});

function receive(message: ToWorker): void {
  if (message.kind === 'run') void runner.run(message.nonce, message.request);
  if (message.kind === 'late' || message.kind === 'answer') runner.hear(message);
  if (message.kind !== 'setup' || hasSetup) return;
  hasSetup = true;
  void start(message.setup);
}

async function start(setup: WorkerSetup): Promise<void> {
  // While files are imported only they keep the process going: if nothing does, they are stuck.
  process.channel?.unref();
  const onIdle = (): void => (hasScheduled() ? serve(setup, onIdle) : failStuck());
  process.once('beforeExit', onIdle);
  try {
    await loadUserFiles(setup);
    serve(setup, onIdle);
  } catch (error) {
    process.off('beforeExit', onIdle);
    send({ kind: 'start-failed', error: imageOf(error) });
    process.channel?.ref();
  }
}

/** A file that waits for a run at its top level never goes on here, and has defined all it will. */
function serve({ files }: WorkerSetup, onIdle: () => void): void {
  process.off('beforeExit', onIdle);
  runner.begin(files);
  send({ kind: 'ready' });
  process.channel?.ref();
}

function failStuck(): void {
  const text = 'The build file is stuck at a top-level await: nothing is left that could end it.';
  send({ kind: 'start-failed', error: { name: 'Error', message: text } });
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** The parent is gone: nothing of what was started here may outlive it. */
function endGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
}
