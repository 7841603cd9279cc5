import { isUserError, userErrorCount } from '../model/errors.ts';
import { host } from '../run/host.ts';

/**
 * gulp-cli exits with 1 whatever was wrong. If it was the build file or the command line, and not
 * a task, the code becomes 2.
 */
export function keepExitCode(): void {
  if (!host.isGulp()) return;
  host.onExit(() => {
    if (userErrorCount() > 0 && host.exitCode() === 1) host.replaceExitCode(2);
  });
}

const key = Symbol.for('parproc.uncaught');

/**
 * In a script a wrong build file or request that nobody catches ends the program with the message
 * alone and 2; failed tasks, which were reported before, end it with 1. Node would show its own
 * frames and the members of the error. gulp-cli catches such errors itself.
 */
export function explainUncaught(): void {
  const holder = globalThis as { [key]?: true };
  if (holder[key] === true || host.isGulp()) return;
  holder[key] = true;
  host.onUncaught((error) => {
    const isWrong = isUserError(error);
    if (!isWrong && !(error instanceof Error && error.name === 'RunFailed')) return;
    host.writeError(`${String(error)}\n`);
    host.exitNow(isWrong ? 2 : 1);
  });
}
