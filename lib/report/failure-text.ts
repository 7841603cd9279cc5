import { unreachable } from '../base/unreachable.ts';
import type { TaskFailure } from '../model/failure.ts';
import { durationText } from './duration-text.ts';
import { errorText } from './error-text.ts';

/** What went wrong, for people; several lines where there is more to tell. */
export function failureText(failure: TaskFailure): string {
  switch (failure.reason) {
    case 'threw':
      return errorText(failure.error);
    case 'timed-out':
      return `It took longer than its limit of ${durationText(failure.limitMs)} and was stopped.`;
    case 'lost':
      return lostText(failure);
    case 'never-completed':
      return (
        'It never said that it was done, and nothing is left that could.\n' +
        'Return the promise or the stream that it waits for, or call done().'
      );
    case 'outputs-missing':
      return ['It did not make what it declares as outputs:', ...failure.paths.map(indented)].join(
        '\n',
      );
    case 'not-serialisable':
      return (
        `${failure.path} cannot leave the worker process: ${failure.message}.\n` +
        'Return plain data, or use .inProcess().'
      );
    case 'not-in-worker':
      return (
        'The worker imported these files and found no such task in them:\n' +
        `${failure.files.map(indented).join('\n')}\n` +
        'Define tasks unconditionally, at the top level of the gulpfile or of what it imports.'
      );
    case 'worker-start-failed':
      return startText(failure);
    default:
      return unreachable(failure);
  }
}

function lostText({
  exitCode,
  signal,
}: {
  exitCode: number | null;
  signal: string | null;
}): string {
  if (signal === null) {
    return `Its process ended with exit code ${exitCode ?? '?'} before the task was done.`;
  }
  const hint: Readonly<Record<string, string>> = {
    SIGKILL: ' Was it out of memory, or killed by hand?',
    SIGABRT: ' Was its heap full? NODE_OPTIONS=--max-old-space-size=4096 allows more.',
    SIGSEGV: ' A native module has crashed.',
  };
  return `Its process was ended by ${signal}.${hint[signal] ?? ''}`;
}

function startText(failure: Extract<TaskFailure, { reason: 'worker-start-failed' }>): string {
  const head = 'No worker could be started: it did not get through importing the build file.';
  if (failure.error !== undefined) return `${head}\n${errorText(failure.error)}`;
  const how =
    failure.signal === null ? `exit code ${failure.exitCode ?? '?'}` : `signal ${failure.signal}`;
  return `${head}\nIts process ended with ${how}.\n${failure.stderr}`.trimEnd();
}

function indented(text: string): string {
  return `  ${text}`;
}
