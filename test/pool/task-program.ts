import { spawn, spawnSync } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { currentJob } from '../../lib/pool/current-job.ts';
import { serveJobs } from '../../lib/pool/serve-jobs.ts';

/** A worker program as that of tasks: a start of its own, and one function for all jobs. */
interface Request {
  readonly kind: string;
  readonly [field: string]: unknown;
}

serveJobs({
  async start(setup) {
    const { fails, hangs, isMute } = setup as Partial<Record<string, boolean>>;
    if (isMute === true) {
      for (const fd of [1, 2]) closeSync(fd);
      // The streams are told to be closed before anything else is told.
      await pause(50);
    }
    if (fails === true) throw new Error('build file');
    if (hangs === true) await new Promise(() => undefined);
  },
  resolve: () => perform,
});

async function perform(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'echo':
      return request['value'];
    case 'print': {
      for (let at = 0; at < Number(request['lines']); at++) console.log(`€ ${at}`);
      console.error('warned €');
      spawnSync('echo', ['from a child'], { stdio: 'inherit' });
      console.log('after');
      return undefined;
    }
    case 'half':
      process.stdout.write(Buffer.from('€').subarray(0, 2));
      return undefined;
    case 'deaf':
      process.on('SIGTERM', () => undefined);
      spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { stdio: 'ignore' });
      spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
      console.log('last words');
      for (;;);
    case 'ask':
      return currentJob().ask(request['question']);
    case 'never':
      return new Promise(() => undefined);
    case 'until-aborted': {
      const { signal } = currentJob();
      console.log('waiting');
      await pause(30_000, undefined, { signal }).catch(() => undefined);
      return (signal.reason as Error).name;
    }
    case 'sleep':
      await pause(Number(request['ms']));
      return request['value'] ?? process.pid;
    case 'surroundings':
      return [process.cwd(), { ...process.env }, process.umask(), process.exitCode];
    case 'mess':
      process.chdir('/');
      process.umask(0o777);
      process.exitCode = 9;
      process.env['ADDED'] = 'yes';
      delete process.env['PATH'];
      return undefined;
    case 'stray-rejection':
      void Promise.reject(new Error('nobody caught it'));
      return undefined;
    case 'die':
      writeSync(2, 'last words\n');
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    default:
      throw new Error(`There is no job '${request.kind}'.`);
  }
}
