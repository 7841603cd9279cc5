/** Frames of code that stands between a caller and the registry, and of what V8 has built in. */
const between = /[\\/](?:undertaker|bach|gulp)[\\/](?:lib[\\/]|index\.)|node:|\(<anonymous>\)/;

/**
 * Whether the call of a registry comes from gulp-cli, about to run the names of its command line,
 * and not from a build file that composes tasks.
 */
export function isAskedByGulpCli(): boolean {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  // The first frames are this function, the registry's `get` and undertaker's own.
  const caller = frames.slice(2).find((frame) => !between.test(frame));
  return caller !== undefined && /[\\/]gulp-cli[\\/]/.test(caller);
}

/** Whether `gulp.series()` or `gulp.parallel()` asks a registry, and not somebody who looks whether there is a task. */
export function isAskedToCompose(): boolean {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 6;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return /[\\/]undertaker[\\/]lib[\\/]helpers[\\/]normalizeArgs\./.test(stack);
}
