import type { TaskCache } from '../cache/task-cache.ts';
import type { TaskPool } from '../pool/task-pool.ts';
import { type EndingSignal, host } from './host.ts';
import type { Session } from './session.ts';
import { onPassedSignal } from './successor-link.ts';

const exitCodes: Readonly<Record<EndingSignal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
};

/**
 * Sees to it that nothing is left behind: however this process ends, runs are summed up and no
 * worker outlives it. The first signal lets tasks end within their grace period, the second does not.
 *
 * @returns Ends the watch over the session, which is closed by somebody else then.
 */
export function guardProcess(session: Session, pool: TaskPool, cache: TaskCache): () => void {
  let wasInterrupted = false;
  let isClosed = false;
  const stops = [
    host.onExit(() => {
      // Somebody called process.exit(), perhaps a task in this process: what ran then is lost.
      if (session.isBusy && host.exitCode() === 0) host.replaceExitCode(1);
      session.closeAll();
      pool.kill();
    }),
    host.onIdle(() => {
      if (session.isBusy) session.failInProcess({ reason: 'never-completed' });
      else if (!isClosed) {
        isClosed = true;
        void cache.close();
      }
    }),
    host.onSignal(interrupt),
    onPassedSignal((signal) => {
      if (!wasInterrupted) interrupt(signal);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };

  function interrupt(signal: EndingSignal): void {
    const code = exitCodes[signal];
    const isIdle = !(session.isBusy || session.isWatched || session.hasServices);
    if (wasInterrupted || isIdle) {
      host.exitWith(code);
      host.exitNow(code);
    }
    wasInterrupted = true;
    host.exitWith(code);
    session.stop();
    session.abortAll();
    // Requests settle when the workers are gone, which ends gulp; what runs in this process may not.
    void pool
      .cancel()
      .then(() => cache.flush())
      .then(() => setImmediate(() => host.exitNow(code)));
  }
}
