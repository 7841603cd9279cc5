import { inspect } from 'node:util';
import type { AgingOutput, RegexFiles } from '../model/definition.ts';
import { type Duration, millisecondsOf } from '../model/duration.ts';
import { DefinitionError } from '../model/errors.ts';
import { callSite } from './call-site.ts';

/** When an output has got too old. */
export interface OutputOptions {
  /**
   * How old it may get, counted from its modification time: milliseconds, or text such as `'1h'`.
   * Past it the task runs again, whatever else has changed (parproc: `max_age`).
   */
  readonly maxAge: Duration;
  /**
   * Whether the task has failed, with `outputs-too-old`, if it leaves the output older than that.
   * Default: true (parproc: `enforce_freshness`).
   */
  readonly enforceFreshness?: boolean;
}

/**
 * In `.outputs()`: a path or glob whose files get too old (parproc: `Output`). A task that has one
 * can be up to date without inputs and deps.
 *
 * @throws UsageError, DefinitionError `invalid-option`
 */
export function output(path: string, options: OutputOptions): AgingOutput {
  const { place } = callSite();
  const { maxAge, enforceFreshness = true, ...rest } = options;
  const [stray] = Object.keys(rest);
  if (typeof path !== 'string' || path === '')
    refuse(`output() is given ${inspect(path)}`, 'a path');
  if (stray !== undefined) {
    refuse(`output('${path}') has an option '${stray}'`, 'maxAge, enforceFreshness');
  }
  if (typeof enforceFreshness !== 'boolean') {
    refuse(
      `enforceFreshness of output('${path}') is ${inspect(enforceFreshness)}`,
      'true or false',
    );
  }
  const maxAgeMs = millisecondsOf(maxAge, `maxAge of output('${path}')`, place);
  return Object.freeze({ kind: 'output', path, maxAgeMs, enforceFreshness });
}

/**
 * In `.inputs()` and `.ignore()`: all files below `root` whose path, relative to it and with `/`,
 * fits `expression` anywhere (parproc: `regex_files`). Hidden files count, `.git` and `.parproc` do
 * not. If `root` is no folder when the task is checked, the task fails and says so.
 *
 * @param root May hold placeholders.
 * @param expression As text it is compiled as by `new RegExp()`.
 * @throws DefinitionError `invalid-option` for text that is no regular expression
 */
export function regexFiles(root: string, expression: RegExp | string): RegexFiles {
  if (typeof root !== 'string' || root === '') {
    refuse(`regexFiles() is given ${inspect(root)} as its root`, 'the path of a folder');
  }
  const { source, flags } = compiled(root, expression);
  // With these an expression would remember where it has last found something.
  return Object.freeze({ kind: 'regex-files', root, source, flags: flags.replace(/[gy]/g, '') });
}

function compiled(root: string, expression: unknown): RegExp {
  if (expression instanceof RegExp) return expression;
  try {
    if (typeof expression === 'string') return new RegExp(expression);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse(`regexFiles('${root}') has no valid regex: ${why}`, 'a regular expression');
  }
  return refuse(`regexFiles('${root}') is given ${inspect(expression)}`, 'a regular expression');
}

function refuse(what: string, allowed: string): never {
  const { place } = callSite();
  throw new DefinitionError([
    { code: 'invalid-option', text: `${what}.`, place, hint: `Allowed: ${allowed}.` },
  ]);
}
