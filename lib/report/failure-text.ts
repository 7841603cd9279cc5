import { unreachable } from '../base/unreachable.ts';
import type { TaskFailure } from '../model/failure.ts';
import { durationText } from './duration-text.ts';
import { errorText } from './error-text.ts';
import { safeName } from './terminal-safe.ts';

const mostPaths = 20;

type Exit = Pick<Extract<TaskFailure, { reason: 'lost' }>, 'exitCode' | 'signal'>;
type NotReady = Extract<TaskFailure, { reason: 'not-ready' }>;
type StartFailure = Extract<TaskFailure, { reason: 'worker-start-failed' }>;

/** What went wrong, for people; several lines where there is more to tell. */
export function failureText(failure: TaskFailure): string {
  switch (failure.reason) {
    case 'threw':
      return errorText(failure.error);
    case 'declared':
      return failure.message;
    case 'missing':
      return 'There is no such task.';
    case 'timed-out':
      return `It took longer than its limit of ${limitText(failure.limitMs)} and was stopped.`;
    case 'lost':
      return lostText(failure);
    case 'not-ready':
      return notReadyText(failure);
    case 'never-completed':
      return (
        'It never said that it was done, and nothing is left that could.\n' +
        'Return the promise or the stream that it waits for, or call done().'
      );
    case 'outputs-missing':
      return listText('It did not make what it declares as outputs:', failure.paths);
    case 'outputs-too-old':
      return listText('It left outputs that are older than their maxAge:', failure.paths);
    case 'not-serialisable':
      return (
        `${safeName(failure.path)} cannot leave the worker process: ${failure.message}.\n` +
        'Return plain data, or use .inProcess().'
      );
    case 'not-in-worker':
      return (
        `${listText('The worker imported these files and found no such task in them:', failure.files)}\n` +
        'Define tasks unconditionally, at the top level of the gulpfile or of what it imports,\n' +
        'and before any top-level await of a run: that never goes on in a worker.'
      );
    case 'worker-start-failed':
      return startText(failure);
    default:
      return unreachable(failure);
  }
}

function notReadyText({ readyWhen, why, limitMs = 0 }: NotReady): string {
  if (readyWhen.kind === 'line') {
    const line = `/${readyWhen.source}/${readyWhen.flags}`;
    if (why === 'ended') return `It ended before it wrote a line that fits ${line}.`;
    return `It wrote no line that fits ${line} within its limit of ${limitText(limitMs)}.`;
  }
  const { port } = readyWhen;
  if (why === 'ended') return `It ended before it listened at port ${port}.`;
  if (why === 'limit')
    return `It did not listen at port ${port} within its limit of ${limitText(limitMs)}.`;
  return (
    `Port ${port} is taken: something listened there before the service was started.\n` +
    'Stop that, or give the service another port.'
  );
}

/** As people write a limit: `60 s` and `90 s`, but `5 min 00 s`. */
function limitText(ms: number): string {
  return ms >= 1000 && ms < 120_000 ? `${Math.round(ms / 100) / 10} s` : durationText(ms);
}

function listText(head: string, paths: readonly string[]): string {
  const lines = [head, ...paths.slice(0, mostPaths).map((path) => `  ${safeName(path)}`)];
  if (paths.length > mostPaths) lines.push(`  (and ${paths.length - mostPaths} more)`);
  return lines.join('\n');
}

function lostText({ exitCode, signal }: Exit): string {
  if (signal === null) {
    return (
      `Its process ended with exit code ${exitCode ?? '?'} before the task was done.\n` +
      'A task returns or calls done(); it must not call process.exit().'
    );
  }
  const hint = hintOf[signal];
  const text = `Its process was ended by ${safeName(signal)}.`;
  return hint === undefined ? text : `${text}\n${hint}`;
}

const hintOf: Readonly<Record<string, string>> = {
  SIGKILL: 'Most often the system does that when memory runs out; or somebody killed it by hand.',
  SIGABRT: 'Was its heap full? NODE_OPTIONS=--max-old-space-size=4096 allows more.',
  SIGSEGV: 'A native module has crashed.',
};

function startText({ error, stderr, ...exit }: StartFailure): string {
  const head = 'No worker could be started: it did not get through importing the build file.';
  if (error !== undefined) return `${head}\n${errorText(error)}`;
  const how =
    exit.signal === null ? `exit code ${exit.exitCode ?? '?'}` : `signal ${safeName(exit.signal)}`;
  return `${head}\nIts process ended with ${how}.\n${stderr}`.trimEnd();
}
