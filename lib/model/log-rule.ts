/**
 * Which lines of a task's output are neither shown nor searched; the log file holds them all the
 * same.
 */
export interface LogRule {
  readonly kind: 'log-rule';
  readonly pattern: RegExp;
  /** `if-succeeded`: the lines count if the task fails. */
  readonly when: 'always' | 'if-succeeded';
}

/** One entry of `.logIgnore()`: a bare RegExp means always. */
export type LogIgnore = RegExp | LogRule;

/** Whether a rule takes `line` away from what is shown of a task that has succeeded or failed. */
export function isIgnored(line: string, rules: readonly LogIgnore[], hasFailed: boolean): boolean {
  return rules.some((rule) => {
    if (rule instanceof RegExp) return line.search(rule) !== -1;
    return (rule.when === 'always' || !hasFailed) && line.search(rule.pattern) !== -1;
  });
}
