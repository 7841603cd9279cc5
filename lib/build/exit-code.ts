import { userErrorCount } from '../model/errors.ts';
import { host } from '../run/host.ts';

/**
 * gulp-cli exits with 1 whatever was wrong. If it was the build file or the command line, and not
 * a task, the code becomes 2.
 */
export function keepExitCode(): void {
  host.onExit(() => {
    if (userErrorCount() > 0 && host.exitCode() === 1) host.replaceExitCode(2);
  });
}
