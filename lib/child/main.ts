import { imageOf } from '../model/error-image.ts';
import type { FromWorker, ToWorker } from '../pool/protocol.ts';
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
  if (message.kind === 'run') runner.run(message.nonce, message.request);
  if (message.kind !== 'setup' || hasSetup) return;
  hasSetup = true;
  const { setup } = message;
  loadUserFiles(setup).then(
    () => {
      runner.begin(setup.files);
      send({ kind: 'ready' });
    },
    (error: unknown) => send({ kind: 'start-failed', error: imageOf(error) }),
  );
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
